"""An answer to a question, printed: what it is, how the question was read, and what helped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from service.api.answered import QuestionAnswer, QuestionRead
from service.api.supplements import SupplementAccount

SHOWN_CHARACTERS: Final = 300
"""Of a long stem."""


def show_answered(console: Console, answered: QuestionAnswer) -> None:
    """The answer first, then the account of it."""
    # Text, not str: what was asked may look like the console's own markup.
    console.print(Text(answered.text, style="bold"))
    chosen = {option.label: option.text for option in answered.read.options}
    for label in _labels(answered):
        console.print(Text(f"  {label}. {_short(chosen[label])}"))
    console.print()
    for name, told in _account(answered):
        console.print(Text.assemble((f"{name:<9}", "bold"), told))


def _labels(answered: QuestionAnswer) -> list[str]:
    given = answered.answer
    return given.ranking or given.selection or ([given.choice] if given.choice else [])


def _account(answered: QuestionAnswer) -> Iterator[tuple[str, str]]:
    yield "read as", _reading(answered.read)
    yield "asked", _short(answered.read.stem)
    for note in answered.read.notes:
        yield "note", note
    for supplement in answered.supplements:
        yield supplement.kind.value, _supplement(supplement)
    model = f" ({answered.model})" if answered.model else ""
    milliseconds = answered.timings.get("total", 0.0)
    yield "made by", f"{answered.path.value}{model} in {milliseconds:,.0f} ms; {answered.why}"


def _reading(read: QuestionRead) -> str:
    if read.options:
        return f"{read.type.value}: {read.choose} of {len(read.options)} options"
    if read.source is not None:
        return f"{read.type.value}: at most {read.choose} from {_short(read.source)!r}"
    return f"{read.type.value}: at most {read.max_words} words"


def _supplement(supplement: SupplementAccount) -> str:
    if not supplement.used:
        return f"not used: {supplement.why}"
    known = ", known from before" if supplement.cached else ""
    took = f"{supplement.model}, {supplement.milliseconds:,.0f} ms{known}"
    shown = f"{_short(supplement.text)}; " if supplement.text else ""
    return f"{shown}{supplement.why} ({took})"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
