"""Which items titles mean that somebody wrote by heart: without case, accents, signs and spaces.

A dictionary of a million titles would take as much memory as all else of a gateway. So hashes of
them are kept, sorted, and what is found by one is compared with the title itself.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Final

import numpy as np

from service.pipeline.flights import Flights
from service.ports import Catalogue
from service.steering.arrays import IntArray

LAST_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)\s*$")
COMMENT: Final = re.compile(r"\s+[-\u2013\u2014]+\s+")

AT_ONCE: Final = 500
"""Titles that are read together."""

REST: Final = 0.002
"""Seconds between readings beside an event loop: else it would wait for its turn at every step."""

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


def _settled(text: str) -> str:
    """A title as it is written, whatever stands for its spaces and accents."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


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
    def of(cls, catalogue: Catalogue, rest: float = 0.0) -> Titles:
        """All titles of a catalogue, and the short forms of those that have one.

        A million takes seconds: not for the event loop. It gets its turn while this rests.
        """
        whole, unclosed = _Gathered(), _Gathered()
        for start in range(0, catalogue.size, AT_ONCE):
            rows = catalogue.popular_rows[start : start + AT_ONCE]
            for row, title, spelling in _spelled(catalogue, rows):
                whole.take(row, {plain(form) for form in {title, spelling}})
                unclosed.take(row, map(plain, _unclosed(title)))
            whole.close()
            unclosed.close()
            sleep(rest)
        return cls(catalogue, whole.index(), unclosed.index())

    def named(
        self, lines: Sequence[str], first: int | None = None, last: Container[int] = ()
    ) -> list[int | None]:
        """The row that each line names; of items that share a title, one not named before.

        A title that only reads like the line is not meant where another is written like it.

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
        for head in _heads(line):
            text = plain(head)
            whole = _nearest(head, self._forms(self.whole.of(text)))
            if whole:
                return whole
            short = _nearest(head, self._shortened(self.unclosed.of(text)))
            if len(short) == 1:
                return short
        return ()

    def _forms(self, rows: IntArray) -> Iterator[tuple[int, Collection[str]]]:
        """Rows with what their titles may be written as."""
        return ((row, forms) for row, *forms in _spelled(self.catalogue, rows))

    def _shortened(self, rows: IntArray) -> Iterator[tuple[int, Collection[str]]]:
        """Rows with their titles without their last parenthesis."""
        return ((row, _unclosed(title)) for row, title, _ in _spelled(self.catalogue, rows))


class _Gathered:
    """Hashes of texts with their rows, on the way to an index."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []
        self._hashes: list[IntArray] = [np.zeros(0, dtype=np.int64)]
        self._rows: list[IntArray] = [np.zeros(0, dtype=np.int32)]

    def take(self, row: int, texts: Iterable[str]) -> None:
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
    """The titles of a catalogue, made ready when somebody first needs them."""

    _flights: Flights = field(default_factory=Flights)
    _ready: Titles | None = None

    async def titles(self, catalogue: Catalogue) -> Titles:
        """Those of the catalogue; whoever asks meanwhile waits for the same ones."""
        ready = self._ready
        if ready is None or ready.catalogue.version != catalogue.version:
            ready = self._ready = await self._flights.once(
                catalogue.version, lambda: asyncio.to_thread(Titles.of, catalogue, REST)
            )
        return ready


def _spelled(catalogue: Catalogue, rows: IntArray) -> Iterator[tuple[int, str, str]]:
    """Rows with their titles, and how the lexicon spells them."""
    yield from zip(rows.tolist(), catalogue.titles(rows), catalogue.spellings(rows), strict=True)


def _heads(line: str) -> Iterator[str]:
    """The line, and what stands before each dash in it, the last one first."""
    line = " ".join(line.split())
    yield line
    for dash in reversed(list(COMMENT.finditer(line))):
        yield line[: dash.start()]


def _nearest(line: str, known: Iterable[tuple[int, Collection[str]]]) -> list[int]:
    """The rows that are written most like the line, of those that read like it."""
    text, written = plain(line), _settled(line)
    found: dict[int, list[int]] = {}
    for row, forms in known:
        alike = [_settled(form) for form in forms if plain(form) == text]
        if alike:
            found.setdefault(min(_apart(written, form) for form in alike), []).append(row)
    return found[min(found)] if found else []


def _apart(one: str, other: str) -> int:
    """How far two texts that read alike are apart: not at all, by case alone, by more."""
    if one == other:
        return 0
    return 1 if one.casefold() == other.casefold() else 2


def _unclosed(title: str) -> tuple[str, ...]:
    """A title without its last parenthesis, if it has one and something to read before."""
    if not title.rstrip().endswith(")"):
        return ()
    head = LAST_PARENTHESIS.sub("", title)
    return (head,) if plain(head) and head != title else ()
