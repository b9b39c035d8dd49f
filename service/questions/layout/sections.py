"""Sections: what follows a heading in a question, `Review: ...`, up to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.questions.layout.headings import Heading, Kind, begins_asking, heading
from service.questions.orders.instructions import (
    begins_with_question,
    is_instruction,
    is_question,
    orders,
    shapes_answer,
)
from service.questions.orders.ranks import orders_ranking
from service.questions.scales.scale import scale


@dataclass(frozen=True, slots=True)
class Section:
    """A labelled part of the stem."""

    label: str
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The stem taken apart: sections, and all that stands outside of them."""

    outside: str
    sections: tuple[Section, ...]


MOST_SECTIONS: Final = 100
"""Behind so many, what follows belongs to the last."""

# Labels of texts within a line, behind a sentence: "... in the query. Query: red hat".
_LATE_LABEL: Final = re.compile(
    r"(?<=[.!?\"']) {1,2}(?=(?:review|query|text|title|input|description|aspect|sentence"
    r"|passage): )|(?<=\S) {1,2}(?=entity types?: )",
    re.IGNORECASE,
)


def take_apart(*texts: str) -> Parts:
    """Every section runs to the next, to where the asker speaks again, or to its text's end."""
    outside: list[str] = []
    sections: list[tuple[Heading, list[str]]] = []
    for text in texts:
        _read(lines_of(text), outside, sections)
    return Parts("\n".join(outside).strip(), _after_examples(sections))


def lines_of(text: str) -> list[str]:
    """Its lines, where a label late in one begins another."""
    return _LATE_LABEL.sub("\n", text).split("\n")


def _read(lines: list[str], outside: list[str], sections: list[tuple[Heading, list[str]]]) -> None:
    body = outside
    last_words = _last_words(lines)
    for at, line in enumerate(lines):
        found = heading(line) if len(sections) < MOST_SECTIONS else None
        if found is not None and found.kind in {Kind.DATA, Kind.TARGET, Kind.ANSWER}:
            body = [found.rest]
            sections.append((found, body))
            continue
        ends = at >= last_words and body is not outside and _asks_of(line, sections[-1])
        if found is not None or ends or (body is not outside and _asker_speaks(line, body)):
            body = outside
        body.append(line)


def _last_words(lines: list[str]) -> int:
    """From which line on nothing but questions and orders follow."""
    at = len(lines)
    while at and (
        not lines[at - 1].strip() or begins_with_question(lines[at - 1]) or orders(lines[at - 1])
    ):
        at -= 1
    return at


def _asks_of(line: str, section: tuple[Heading, list[str]]) -> bool:
    """Whether one of the last lines is the asker's: it asks of it, to rate or to rank."""
    head, body = section
    if not any(body):
        return False
    word = head.label.casefold().split()[-1]
    named = len(word) > 1 and word in line.casefold()
    return (
        named
        or bool(scale([line]))
        or orders_ranking([line])
        or (len(body) == 1 and is_question(line) and begins_asking(line))
    )


def _asker_speaks(line: str, body: list[str]) -> bool:
    """Behind a blank line anything that reads as an instruction; else only one that is plain."""
    if not any(body):
        return False
    if not body[-1]:
        return is_instruction(line) or is_question(line)
    return shapes_answer(line)


def _after_examples(sections: list[tuple[Heading, list[str]]]) -> tuple[Section, ...]:
    """Sections with text; what stands before an answer already given is an example."""
    made = [Section(h.label, h.kind, "\n".join(body).strip()) for h, body in sections]
    given = [n for n, section in enumerate(made) if section.kind is Kind.ANSWER and section.text]
    made = made[given[-1] + 1 :] if given and given[-1] + 1 < len(made) else made
    return tuple(s for s in made if s.text and s.kind is not Kind.ANSWER)
