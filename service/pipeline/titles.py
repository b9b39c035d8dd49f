"""Which items titles mean that somebody wrote by heart: without case, accents, signs and spaces.

A dictionary of a million titles would take as much memory as all else of a gateway. So hashes of
them are kept, sorted, and what is found by one is compared with the title itself.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from service.pipeline.flights import Flights
from service.ports import Catalogue
from service.steering.arrays import IntArray

LAST_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)\s*$")
COMMENT: Final = re.compile(r"\s+[-\u2013\u2014]+\s+")

AT_ONCE: Final = 10_000
"""Titles that are read together."""

MOST_ALIKE: Final = 1_000
"""Items of one title that are told apart: no list has more lines."""

MOST_LETTERS: Final = 10_000
"""Characters of which it is remembered what becomes of them."""


class _Bare(dict[int, str]):
    """What becomes of each character: letters and digits stay, accents go, others part words."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        bare = letter if letter.isalnum() else "" if unicodedata.combining(letter) else " "
        if len(self) < MOST_LETTERS:
            self[code] = bare
        return bare


_BARE: Final = _Bare()


def plain(text: str) -> str:
    """A title as it is compared."""
    composed = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return " ".join(composed.casefold().translate(_BARE).split()) or text.strip()


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Rows by the hash of a text; those of one hash stand together, the most popular first."""

    hashes: IntArray
    rows: IntArray

    @classmethod
    def over(cls, hashes: Sequence[IntArray], rows: Sequence[IntArray]) -> _Index:
        """The index of what was gathered in parts."""
        found, by = np.concatenate(hashes), np.concatenate(rows)
        order = np.argsort(found, kind="stable")
        return cls(found[order], by[order])

    def of(self, text: str) -> IntArray:
        """The rows that the text may mean, not more than can be told apart."""
        sought = hash(text)
        low = int(self.hashes.searchsorted(sought))
        high = int(self.hashes.searchsorted(sought, side="right"))
        return self.rows[low : min(high, low + MOST_ALIKE)]


@dataclass(frozen=True, slots=True, eq=False)
class Titles:
    """The rows of a catalogue by what their titles read like, the most popular first."""

    catalogue: Catalogue
    whole: _Index
    unclosed: _Index
    """By titles without their last parenthesis, where they have one."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Titles:
        """All titles of a catalogue, and the short forms of those that have one.

        A million takes seconds: not for the event loop.
        """
        whole, unclosed = _Gathered(), _Gathered()
        for start in range(0, catalogue.size, AT_ONCE):
            rows = catalogue.popular_rows[start : start + AT_ONCE]
            for row, title, spelling in _spelled(catalogue, rows):
                whole.take(row, {plain(form) for form in {title, spelling}})
                unclosed.take(row, _unclosed(title))
            whole.close()
            unclosed.close()
        return cls(catalogue, whole.index(), unclosed.index())

    def named(
        self, lines: Sequence[str], first: int | None = None, last: Collection[int] = ()
    ) -> list[int | None]:
        """The row that each line names; of items that share a title, one not named before.

        Of several such, one that is not among `last`, then `first`, then the most popular one.
        """
        found: list[int | None] = []
        taken: set[int | None] = set()
        for line in lines:
            order = {row: (row in taken, row in last, row != first) for row in self._there(line)}
            found.append(min(order, key=order.__getitem__, default=None))
            taken.add(found[-1])
        return found

    def _there(self, line: str) -> Sequence[int]:
        """The rows that a line may mean."""
        for text in map(plain, _heads(line)):
            whole = self._reading(text, self.whole.of(text))
            if whole:
                return whole
            short = self._ending(text, self.unclosed.of(text))
            if len(short) == 1:
                return short
        return ()

    def _reading(self, text: str, rows: IntArray) -> list[int]:
        """Those of the rows whose titles read like this."""
        known = _spelled(self.catalogue, rows)
        return [row for row, *forms in known if text in {plain(form) for form in forms}]

    def _ending(self, text: str, rows: IntArray) -> list[int]:
        """Those of the rows whose titles read like this without their last parenthesis."""
        known = _spelled(self.catalogue, rows)
        return [row for row, title, _ in known if text in _unclosed(title)]


class _Gathered:
    """Hashes of texts with their rows, on the way to an index."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []
        self._hashes: list[IntArray] = [np.zeros(0, dtype=np.int64)]
        self._rows: list[IntArray] = [np.zeros(0, dtype=np.int32)]

    def take(self, row: int, texts: Collection[str]) -> None:
        """A row, by each of some texts."""
        self._open.extend((hash(text), row) for text in texts)

    def close(self) -> None:
        """What was taken so far is kept as arrays: pairs of numbers take ten times as much."""
        if self._open:
            pairs = np.array(self._open, dtype=np.int64)
            self._hashes.append(pairs[:, 0].copy())
            self._rows.append(pairs[:, 1].astype(np.int32))
            self._open.clear()

    def index(self) -> _Index:
        """All of it."""
        return _Index.over(self._hashes, self._rows)


@dataclass(slots=True)
class Naming:
    """The titles of one edition's catalogue, made ready when somebody first needs them."""

    _flights: Flights = field(default_factory=Flights)
    _ready: Titles | None = None

    async def titles(self, catalogue: Catalogue) -> Titles:
        """Those of the catalogue; whoever asks meanwhile waits for the same ones."""
        if self._ready is None:
            self._ready = await self._flights.once(
                catalogue.version, lambda: asyncio.to_thread(Titles.of, catalogue)
            )
        return self._ready


def _spelled(catalogue: Catalogue, rows: IntArray) -> Iterator[tuple[int, str, str]]:
    """Rows with their titles, and how the lexicon spells them."""
    yield from zip(rows.tolist(), catalogue.titles(rows), catalogue.spellings(rows), strict=True)


def _heads(line: str) -> Iterator[str]:
    """The line, and what stands before each dash in it, the last one first."""
    line = " ".join(line.split())
    yield line
    for dash in reversed(list(COMMENT.finditer(line))):
        yield line[: dash.start()]


def _unclosed(title: str) -> tuple[str, ...]:
    """What a title reads like without its last parenthesis, if it has one and something before."""
    if not title.rstrip().endswith(")"):
        return ()
    head = LAST_PARENTHESIS.sub("", title)
    text = plain(head)
    return (text,) if text and head != title else ()
