"""What a model sees while it is quantised: prompts as they are served, with their answers."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.llm.tokens import Tokens
from models.quantize.choices import AwqChoices
from models.sft.data.example import Example, read_examples
from models.sft.data.parts import refuse_other_data
from models.sft.data.tokens import example_tokens
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput


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
    refuse_other_data(file.parent, tokenizer)
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


def _fitting(
    examples: Iterable[Example], tokenizer: ChatTokenizer, context: int, wanted: int
) -> tuple[list[Tokens], int]:
    fit: list[Tokens] = []
    too_long = 0
    for example in examples:
        tokens = example_tokens(tokenizer, example)
        if len(tokens) > context:
            too_long += 1
            continue
        fit.append(tokens)
        if len(fit) == wanted:
            break
    return fit, too_long
