"""Free decoding: the prompt that is served, and nothing that holds the model to a list.

Each line of the text is one of the list; where some are numbered, as the prompt wants them, only
those are: what a model says before and after its list is not held against it. What a line names is
found by its title, without regard to case, accents, signs and spaces. A line that names nothing
stays in its place, as nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.domain import RecommendRequest
from service.errors import PromptTooLong
from service.pipeline.clock import Deadline
from service.ports import Catalogue, Engine, Page, Written
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN

LINE_TOKENS: Final = 40
"""For one line; a model that rambles is cut short."""

NUMBERED: Final = re.compile(r"^\s*[*_#>-]*\s*\d{1,3}\s*[.):]\s*(?P<rest>.*)$")
BULLET: Final = re.compile(r"^\s*[*\u2022\u2013-]\s+(?P<rest>.*)$")
AROUND: Final = " \t\"'`*_\u201c\u201d\u2018\u2019\u00ab\u00bb.,;:"


@dataclass(frozen=True, slots=True)
class Titles:
    """The rows of a catalogue by what their titles read like, the most popular first."""

    rows: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Titles:
        """All titles of a catalogue, and the short forms of those that have one."""
        rows: dict[str, list[int]] = {}
        for row in catalogue.popular_rows.tolist():
            for text in {plain(catalogue.item(row).title), plain(catalogue.spelling(row))}:
                rows.setdefault(text, []).append(row)
        return cls(rows)

    def named(self, lines: Sequence[str]) -> list[int | None]:
        """The row that each line names; of items that share a title, one not named before."""
        found: list[int | None] = []
        for line in lines:
            there = self.rows.get(plain(line), ())
            unnamed = (row for row in there if row not in found)
            found.append(next(unnamed, there[0] if there else None))
        return found


def plain(text: str) -> str:
    """A title as it is compared."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(kept.split()) or text.strip()


def lines_of(text: str) -> list[str]:
    """What stands on the lines of a list, without numbers, bullets and quotes around it."""
    lines = [line for line in text.splitlines() if line.strip()]
    numbered = [match["rest"] for line in lines if (match := NUMBERED.match(line))]
    return [line.strip(AROUND) for line in numbered or _unbulleted(lines)]


def _unbulleted(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        match = BULLET.match(line)
        yield match["rest"] if match else line


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
