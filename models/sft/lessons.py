"""Examples as tokens to learn from: of each the answer alone, its end included."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from models.llm.tokens import Tokens
from models.sft.data.example import read_examples
from models.sft.data.parts import VALIDATION
from models.sft.data.tokens import example_tokens
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput

UNLEARNT: Final = -100
"""The label of a token that is only read."""

Row: TypeAlias = dict[str, list[int]]
"""`input_ids` and `labels`, as long as each other."""


@dataclass(slots=True)
class Lessons:
    """What is learnt from, in the order of the file."""

    rows: list[Row] = field(default_factory=list)
    too_long: int = 0
    """Left out: an answer whose prompt was cut would be one to another question."""


def lessons_in(
    path: Path, tokenizer: ChatTokenizer, context: int, most: int | None = None
) -> Lessons:
    """The examples of a file that fit a context, of the first so many; BadInput if none does."""
    lessons = Lessons()
    for example in islice(read_examples(path), most):
        tokens = example_tokens(tokenizer, example)
        if len(tokens) > context:
            lessons.too_long += 1
        else:
            lessons.rows.append(row_of(tokens))
    if not lessons.rows:
        _refuse(path, lessons.too_long, context)
    return lessons


def row_of(tokens: Tokens) -> Row:
    """Prompt and answer as one text, of which the answer is learnt."""
    return {
        "input_ids": [*tokens.prompt, *tokens.answer],
        "labels": [UNLEARNT] * len(tokens.prompt) + [*tokens.answer],
    }


def _refuse(path: Path, too_long: int, context: int) -> None:
    if too_long:
        raise BadInput(
            f"None of the {too_long} examples in {path} fits into {context} tokens.",
            hint="Raise `context`, or make the data with shorter histories.",
        )
    hint = "Make the data with `python -m models.sft.data`."
    if path.name == VALIDATION:
        hint = "Make data with more to validate with, or do without: --set validation_examples=0."
    raise BadInput(f"{path} holds no example.", hint=hint)
