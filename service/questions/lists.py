"""The numbered list of options in a raw question, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from service.question import Option
from service.questions.closing import listed_text
from service.questions.headings import Kind, heading
from service.questions.instructions import shapes_answer
from service.questions.labels import labels
from service.questions.runs import Run, inline_runs, line_runs

MOST_LABELS: Final = 3_000
"""Far more than a question with MOST_OPTIONS has, however many numbers its options hold."""

_PAIR: Final = 2
_LOOK_BACK: Final = 300
_LOOK_AHEAD: Final = 120
_TEXTS: Final = re.compile(
    r"(?:\w{1,20} )?(?:review|description|text|passage|article|features|abstract|conversation"
    r"|history|sequence|input|context|rezension|beschreibung|merkmale|avis|reseña|descripción|texto|recensione"
    r"|descrizione|testo)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A list of options, and the text before and behind it."""

    options: tuple[Option, ...]
    before: str
    after: str
    lists: int
    """How many lists there were to choose from."""
    headed_otherwise: bool
    """Whether it is headed as rules or as a text, and so may be no list of options at all."""

    @property
    def alone(self) -> bool:
        """Whether it has one option only, and so may be no list at all."""
        return len(self.options) < _PAIR


def find_list(text: str) -> Found | None:
    """The last list that looks like one of options.

    Labels that open lines come before labels within a line, and one label alone is a list only
    where there is nothing better.
    """
    found = list(islice(labels(text), MOST_LABELS))
    runs = line_runs(found)
    lists = [run for run in runs if len(run) >= _PAIR]
    complete = [run for run in lists if run[0].begins_list]
    inline = [] if complete else [run for run in inline_runs(found) if len(run) >= _PAIR]
    wider = [run for run in inline if lists and set(run) > set(lists[-1])]
    inline = [run for run in inline if not _in_data(text, run)]
    alone: list[Run] = [run for run in runs if len(run) < _PAIR and run[0].begins_list][-1:]
    kinds = (complete, wider, lists, inline, alone)
    return next((_found(text, kind) for kind in kinds if kind), None)


def _found(text: str, runs: list[Run]) -> Found:
    headed = [run for run in runs if not _headed_otherwise(text, run)]
    likely = [run for run in headed if not _is_rules(text, run)]
    run = (likely or headed or runs)[-1]
    texts, after = listed_text(text, run)
    options = tuple(Option(label.name, body) for label, body in zip(run, texts, strict=True))
    return Found(
        options=options,
        before=_without_list_heading(text[: run[0].start].rstrip()),
        after=after,
        lists=sum(1 for other in runs if len(other) >= _PAIR),
        headed_otherwise=not headed,
    )


def _headed_otherwise(text: str, run: Run) -> bool:
    """Whether the line above calls it rules, or the text of a review."""
    head = heading(_line_above(text, run[0].start))
    if head is None or head.rest:
        return False
    return head.kind is Kind.RULES or _TEXTS.fullmatch(head.label) is not None


def _is_rules(text: str, run: Run) -> bool:
    """Whether every line of it says how to answer."""
    lines = (text[label.end : label.end + _LOOK_AHEAD].split("\n", 1)[0] for label in run)
    return all(map(shapes_answer, lines))


def _in_data(text: str, run: Run) -> bool:
    """Whether the line in which it stands is labelled as data: a review that counts (1), (2)."""
    start = text.rfind("\n", 0, run[0].start) + 1
    head = heading(text[start : min(run[0].start, start + _LOOK_AHEAD) + 1])
    return head is not None and head.kind is Kind.DATA


def _line_above(text: str, start: int) -> str:
    return text[max(0, start - _LOOK_BACK) : start].rstrip().rsplit("\n", 1)[-1].strip()


def _without_list_heading(before: str) -> str:
    """Without a last line such as `Product List:` or `Queries:`, which heads nothing any more."""
    head, _, last = before.rpartition("\n")
    found = heading(last.strip())
    if found is None or found.rest:
        return before
    heads = found.kind is Kind.LIST or (found.kind is not Kind.ANSWER and " " not in found.label)
    return head.rstrip() if heads else before


def names(options: Sequence[Option]) -> str:
    """The labels as they are spoken of: "1 to 5", "A"."""
    first, last = options[0].label, options[-1].label
    return first if len(options) == 1 else f"{first} to {last}"
