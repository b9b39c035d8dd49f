"""Spans: what an extracted answer may be, each a piece of the source as it stands there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from service.questions.text.words import word_places

LONGEST_SPAN: Final = 12
"""In words."""
MOST_READ: Final = 8_000
"""In words: of a longer source only so many are read, more than any answer is picked from."""
MOST_BYTES: Final = 200
"""Of one span: a server takes labels of at most 256 tokens, and a byte may be one."""
MOST_BYTES_OF_ALL: Final = 60_000
"""Of all spans together: what a server takes with one request."""

# Signs that belong to what they stand beside: 100%, #8, & Co, C*.
_KEPT: Final = frozenset("%#&*@")
# Marks of direction around a word are no part of it.
_DIRECTION: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def spans(source: str, most: int) -> tuple[str, ...]:
    """Distinct runs of words within one line, or between tabs, short ones first, at most so many.

    They are as long as the number allows, up to LONGEST_SPAN words: all runs of a length are among
    them or none is. Of a source with too many words even for that, the first words. A run of more
    than MOST_BYTES is none, and together they have at most MOST_BYTES_OF_ALL.
    """
    places = [_bare(source, *place) for place in islice(word_places(source), MOST_READ)]
    lines = _lines(source, places)
    found = _Found(most)
    if not found.take(_of_length(source, places, lines, 1)):
        return tuple(found.spans)
    for length in range(2, LONGEST_SPAN + 1):
        longer = found.copy()
        complete = longer.take(_of_length(source, places, lines, length))
        if not complete or len(longer.spans) == len(found.spans):
            break
        found = longer
    return tuple(found.spans)


def apart(found: Iterable[str]) -> tuple[str, ...]:
    """Spans of which none lies within another named before it, or around it."""
    kept: list[str] = []
    for span in found:
        if not any(_within(span, other) or _within(other, span) for other in kept):
            kept.append(span)
    return tuple(kept)


@dataclass(slots=True)
class _Found:
    """Distinct spans, and how many bytes they have."""

    most: int
    spans: dict[str, None] = field(default_factory=dict)
    size: int = 0

    def take(self, more: Iterator[str]) -> bool:
        """Take spans as long as there is room; whether there was room for all."""
        for span in more:
            size = len(span.encode("utf-8", "surrogatepass"))
            if span in self.spans or size > MOST_BYTES:
                continue
            if len(self.spans) == self.most or self.size + size > MOST_BYTES_OF_ALL:
                return False
            self.spans[span] = None
            self.size += size
        return True

    def copy(self) -> _Found:
        """The same, to be added to."""
        return _Found(self.most, dict(self.spans), self.size)


def _within(span: str, other: str) -> bool:
    """Whether a span's words stand in another; where words are not set apart, its characters."""
    if " " in other or " " in span:
        return f" {span} " in f" {other} "
    return span in other


def _of_length(
    source: str, places: list[tuple[int, int]], lines: list[int], length: int
) -> Iterator[str]:
    for first in range(len(places) - length + 1):
        last = first + length - 1
        start, end = places[first][0], places[last][1]
        # What has more characters has more bytes, and need not be cut out to be left out.
        if lines[first] == lines[last] and end - start <= MOST_BYTES:
            yield source[start:end]


def _bare(source: str, start: int, end: int) -> tuple[int, int]:
    while _outer(source[start]):
        start += 1
    while _outer(source[end - 1]):
        end -= 1
    return start, end


def _outer(char: str) -> bool:
    if char in _DIRECTION:
        return True
    return char not in _KEPT and unicodedata.category(char).startswith("P")


def _lines(source: str, places: list[tuple[int, int]]) -> list[int]:
    """The number of the line, or of the part of one between tabs, in which each place lies."""
    numbers, line, at = [], 0, 0
    for start, _end in places:
        line += source.count("\n", at, start) + source.count("\t", at, start)
        at = start
        numbers.append(line)
    return numbers
