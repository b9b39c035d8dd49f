"""Free decoding: the prompt that is served, and nothing that holds the model to a list.

`READING` says how the text is read. A line that names nothing stays in its place, as nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from service.domain import RecommendRequest
from service.errors import PromptTooLong
from service.pipeline.clock import Deadline
from service.ports import Catalogue, Engine, Page, Written
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN

LINE_TOKENS: Final = 40
"""For one line; a model that rambles is cut short."""

READING: Final[Mapping[str, str]] = {
    "lines": "where lines are numbered, in numbers that rise from 1, those alone are the list: what"
    " is said before and after it is not held against the model; one such line is enough if one is"
    " asked for, else it takes two. Otherwise every line is, without its bullet",
    "titles": "compared without case, accents, signs and spaces",
    "no such title": "taken for a title that the line lacks only the last parenthesis of, if one"
    " item alone has such a title; else the line is cut at its last ' - ', and looked up again",
    "shared titles": "an item that was not named before, the most popular first",
}
"""As it is told beside the figures."""

NUMBERED: Final = re.compile(
    r"^\s*[*_#>-]*\s*(?P<number>\d{1,3})\s*(?:[.)](?!\d)|:(?!\S))\s*(?P<rest>.*)$"
)
BULLET: Final = re.compile(r"^\s*[*\u2022\u2013-]\s+(?P<rest>.*)$")
LAST_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)\s*$")
COMMENT: Final = re.compile(r"\s+[-\u2013\u2014]+\s+")
AROUND: Final = " \t\"'`*_\u201c\u201d\u2018\u2019\u00ab\u00bb.,;:"


@dataclass(frozen=True, slots=True)
class Titles:
    """The rows of a catalogue by what their titles read like, the most popular first."""

    rows: Mapping[str, Sequence[int]]
    unclosed: Mapping[str, Sequence[int]]
    """By titles without their last parenthesis, where they have one."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Titles:
        """All titles of a catalogue, and the short forms of those that have one."""
        rows: dict[str, list[int]] = {}
        unclosed: dict[str, list[int]] = {}
        for row in catalogue.popular_rows.tolist():
            title = catalogue.item(row).title
            for text in {plain(title), plain(catalogue.spelling(row))}:
                rows.setdefault(text, []).append(row)
            head = LAST_PARENTHESIS.sub("", title)
            if head != title and plain(head):
                unclosed.setdefault(plain(head), []).append(row)
        return cls(rows, unclosed)

    def named(
        self, lines: Sequence[str], first: int | None = None, last: Collection[int] = ()
    ) -> list[int | None]:
        """The row that each line names; of items that share a title, one not named before.

        Of several such, one that is not among `last`, then `first`, then the most popular one.
        """
        found: list[int | None] = []
        for line in lines:
            order = {row: (row in found, row in last, row != first) for row in self._there(line)}
            found.append(min(order, key=order.__getitem__, default=None))
        return found

    def _there(self, line: str) -> Sequence[int]:
        """The rows that a line may mean."""
        for text in map(plain, _heads(line)):
            there = self.rows.get(text) or self.unclosed.get(text, ())
            if text in self.rows or len(there) == 1:
                return there
        return ()


def _heads(line: str) -> Iterator[str]:
    """The line, and what stands before each dash in it, the last one first."""
    yield line
    for dash in reversed(list(COMMENT.finditer(line))):
        yield line[: dash.start()]


def plain(text: str) -> str:
    """A title as it is compared."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(kept.split()) or text.strip()


class Line(NamedTuple):
    """One line of a list, as it was read."""

    text: str
    """Without number, bullet and quotes around it."""
    end: int
    """Where it ends in the text it stands in; what breaks the line is part of it."""


def lines_of(text: str, k: int) -> list[str]:
    """What stands on the lines of a list, without numbers, bullets and quotes around it."""
    return [line.text for line in listed_in(text, k)]


def listed_in(text: str, k: int) -> list[Line]:
    """The lines of a list, and where they end.

    `k` lines were asked for: of two or more, a single number may be part of a title.
    """
    lines = [line for line in _broken(text) if line.text.strip()]
    numbered = list(_numbered(lines))
    listed = numbered if len(numbered) >= min(k, 2) else _unbulleted(lines)
    return [Line(line.text.strip(AROUND), line.end) for line in listed]


def unread_in(text: str, k: int) -> list[Line]:
    """The lines among and after those of the list that are none of it."""
    ends = {line.end for line in listed_in(text, k)}
    return [
        line
        for line in _broken(text)
        if line.text.strip() and line.end not in ends and line.end > min(ends)
    ]


def _broken(text: str) -> Iterator[Line]:
    """The text's own lines."""
    whole = text.splitlines(keepends=True)
    yield from map(Line, text.splitlines(), accumulate(map(len, whole)))


def _numbered(lines: Sequence[Line]) -> Iterator[Line]:
    """What follows the numbers, as long as they rise from 1."""
    last = 0
    for line in lines:
        match = NUMBERED.match(line.text)
        number = int(match["number"]) if match else 0
        if match and number > last and (last or number == 1):
            last = number
            yield Line(match["rest"], line.end)


def _unbulleted(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        match = BULLET.match(line.text)
        yield Line(match["rest"], line.end) if match else line


async def written(
    catalogue: Catalogue, engine: Engine, request: RecommendRequest, seconds: float
) -> Written:
    """What the model says by itself; of a prompt that is too long, less history is shown."""
    rows = catalogue.rows(request.history or ())
    titles = [catalogue.spelling(row) for row in rows[rows >= 0].tolist()]
    shown = HISTORY_SHOWN
    while True:
        prompt = recommend_prompt(titles[-shown:] if shown else [], request.intent, request.k)
        try:
            return await engine.write(Page(prompt, LINE_TOKENS * request.k, Deadline(seconds)))
        except PromptTooLong:
            if not shown:
                raise
            shown //= 2
