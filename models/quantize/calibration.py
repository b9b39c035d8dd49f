"""What a model sees while it is quantised: prompts as they are served, with their answers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.llm.tokens import Tokens, list_tokens, prompt_tokens, text_tokens
from models.quantize.choices import AwqChoices
from models.sft.data.example import Example, read_examples
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.modelfolder import MANIFEST


@dataclass(frozen=True, slots=True)
class Calibration:
    """Examples drawn from a file."""

    seen: tuple[Tokens, ...]
    """To calibrate with."""
    held: tuple[Tokens, ...]
    """To compare before and after, never seen."""
    too_long: int
    """Left out."""

    @property
    def tokens(self) -> int:
        """How many calibration sees."""
        return sum(map(len, self.seen))


def drawn(file: Path, tokenizer: ChatTokenizer, choices: AwqChoices) -> Calibration:
    """Draw from a file of examples; BadInput if it holds too few, or is another tokenizer's."""
    _refuse_other_tokenizer(file, tokenizer)
    examples = list(read_examples(file))
    random.Random(choices.seed).shuffle(examples)  # noqa: S311 - to be repeated, not to be secret
    wanted = choices.examples + choices.held
    fit, too_long = _fitting(examples, tokenizer, choices.context, wanted)
    if len(fit) < wanted:
        raise BadInput(
            f"{file} has too few examples to calibrate with: {len(fit)} of at most"
            f" {choices.context} tokens, and {too_long} longer ones; {wanted} are needed"
            f" ({choices.examples} to calibrate with, {choices.held} held back).",
            hint="Make more, or --set examples=, held= or context= otherwise.",
        )
    found = Calibration(tuple(fit[choices.held :]), tuple(fit[: choices.held]), too_long)
    if found.tokens < choices.tokens:
        raise BadInput(
            f"The {choices.examples} examples to calibrate with have {found.tokens} tokens;"
            f" {choices.tokens} are needed.",
            hint="Take more of them with --set examples=, or ask for fewer tokens with"
            " --set tokens=.",
        )
    return found


def tokens_of(tokenizer: ChatTokenizer, example: Example) -> Tokens:
    """A prompt and its answer as serving has them."""
    if example.titles:
        answer = list_tokens(tokenizer, example.titles)
    else:
        answer = text_tokens(tokenizer, example.answer)
    return Tokens(tuple(prompt_tokens(tokenizer, example.prompt)), tuple(answer))


def _fitting(
    examples: Iterable[Example], tokenizer: ChatTokenizer, context: int, wanted: int
) -> tuple[list[Tokens], int]:
    fit: list[Tokens] = []
    too_long = 0
    for example in examples:
        tokens = tokens_of(tokenizer, example)
        if len(tokens) > context:
            too_long += 1
            continue
        fit.append(tokens)
        if len(fit) == wanted:
            break
    return fit, too_long


def _refuse_other_tokenizer(file: Path, tokenizer: ChatTokenizer) -> None:
    """Where the manifest beside the file names a tokenizer, it was made for that one."""
    manifest = file.with_name(MANIFEST)
    if not manifest.is_file():
        return
    made_for = json.loads(manifest.read_text(encoding="utf-8")).get("made_of", {}).get("tokenizer")
    if made_for not in {None, tokenizer.sha256}:
        raise BadInput(
            f"{file} was made for another tokenizer than that of {tokenizer.name}.",
            hint="Make the examples for the model that is to be quantised.",
        )
