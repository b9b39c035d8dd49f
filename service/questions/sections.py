"""Sections: what follows a heading in a question, `Review: ...`, up to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.questions.headings import Heading, Kind, heading
from service.questions.instructions import is_instruction, is_question, shapes_answer


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
    r"|passage): )",
    re.IGNORECASE,
)


def take_apart(stem: str) -> Parts:
    """Every section runs to the next, or to where the asker speaks again."""
    outside: list[str] = []
    sections: list[tuple[Heading, list[str]]] = []
    body: list[str] = outside
    for line in _LATE_LABEL.sub("\n", stem).split("\n"):
        found = heading(line) if len(sections) < MOST_SECTIONS else None
        if found is not None and found.kind in {Kind.DATA, Kind.TARGET, Kind.ANSWER}:
            body = [found.rest]
            sections.append((found, body))
        elif found is not None or (body is not outside and _asker_speaks(line, body)):
            body = outside
            body.append(line)
        else:
            body.append(line)
    return Parts("\n".join(outside).strip(), _after_examples(sections))


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
