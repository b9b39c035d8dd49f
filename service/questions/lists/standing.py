"""Where a list stands: asked for, inside of a labelled text, or in an example.

Where a text has several lists, that says which is the one of options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.layout.headings import Kind, heading, heads_list
from service.questions.lists.labels import Label
from service.questions.lists.runs import Run
from service.questions.orders.instructions import is_instruction, is_question, shapes_answer

_LOOK_BACK: Final = 300
_LOOK_AHEAD: Final = 300
_ORDER: Final = 3
_TEXTS: Final = re.compile(
    r"(?!(?:possible|potential|candidate|available|numbered) )(?:\w{1,20} )?(?:reviews?"
    r"|descriptions?|text|passage|article|features|abstract|conversation|history|sequence|input|context|details"
    r"|specifications?|specs|attributes|information|ingredients|facts|about this item"
    r"|rezension(?:en)?|beschreibung|merkmale|eigenschaften|produktdetails|avis|caractéristiques"
    r"|reseñas?|descripción|características|texto|recension[ei]|descrizione|caratteristiche|testo)",
    re.IGNORECASE,
)
_IN_TEXT: Final = re.compile(
    r"\b(?:reviews?|descriptions?|texts?|passage|article|comments?|sentences?"
    r"|details|specifications)[:：]$",  # noqa: RUF001
    re.IGNORECASE,
)


def of_options(text: str, runs: Sequence[Run]) -> Run:
    """The last list, unless it is part of an example or a text and another is asked for."""
    real = [run for run in runs if not _is_answered(text, run)] if len(runs) > 1 else []
    runs = real or runs
    if len(runs) > 1 and not _is_asked_for(text, runs[-1]):
        asked = [run for run in runs[:-1] if _is_asked_for(text, run)]
        if asked and _in_section(text, runs[-1]):
            return asked[-1]
    return runs[-1]


def headed_otherwise(text: str, run: Run) -> bool:
    """Whether the line above calls it rules, or the text of a review."""
    line = line_above(text, run)
    head = heading(line)
    if head is None or head.rest:
        return head is None and _IN_TEXT.search(line) is not None and not is_question(line)
    return head.kind is Kind.RULES or _TEXTS.fullmatch(head.label) is not None


def line_above(text: str, run: Run) -> str:
    """The line above a list, as far as it is short."""
    start = run[0].start
    return text[max(0, start - _LOOK_BACK) : start].rstrip().rsplit("\n", 1)[-1].strip()


def _is_asked_for(text: str, run: Run) -> bool:
    """Whether an order, a question or the text's beginning stands right above it."""
    line = line_above(text, run)
    ordered = is_instruction(line) and (shapes_answer(line) or len(line.split()) >= _ORDER)
    if not line:
        return not any(is_instruction(_beginning(text, label)) for label in run)
    return ordered or is_question(line) or heads_list(line)


def _beginning(text: str, label: Label) -> str:
    return text[label.end : label.end + _LOOK_BACK].split("\n", 1)[0].strip()


def _is_answered(text: str, run: Run) -> bool:
    """Whether an answer is given right behind it: it is an example."""
    behind = text[run[-1].end : run[-1].end + _LOOK_AHEAD].split("\n")[1:]
    head = next(filter(None, map(heading, behind)), None)
    return head is not None and head.kind is Kind.ANSWER and bool(head.rest)


def _in_section(text: str, run: Run) -> bool:
    """Whether a labelled text has begun above it in which the asker has not spoken since."""
    inside, blank = False, False
    for line in text[: run[0].start].split("\n"):
        found = heading(line)
        if found is not None:
            inside = found.kind is Kind.DATA
        elif shapes_answer(line) or (blank and (is_question(line) or is_instruction(line))):
            inside = False
        blank = not line.strip()
    return inside
