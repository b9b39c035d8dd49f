"""Spans: what an extracted answer may be, each a piece of the source as it stands there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from service.questions.words import word_places

LONGEST_SPAN: Final = 12
"""In words."""
MOST_READ: Final = 8_000
"""In words: of a longer source only so many are read, more than any answer is picked from."""

# Signs that belong to what they stand beside: 100%, #8, & Co, C*.
_KEPT: Final = frozenset("%#&*@")


def spans(source: str, most: int) -> tuple[str, ...]:
    """Distinct runs of words within one line, short ones first, at most so many.

    They are as long as the number allows, up to LONGEST_SPAN words: all runs of a length are among
    them or none is. Of a source with too many words even for that, the first words.
    """
    places: list[tuple[int, int]] = []
    found: dict[str, None] = {}
    for place in islice(word_places(source), MOST_READ):
        start, end = _bare(source, *place)
        places.append((start, end))
        found[source[start:end]] = None
        if len(found) > most:
            return tuple(found)[:most]
    return _with_longer(source, places, found, most)


def apart(found: Iterable[str]) -> tuple[str, ...]:
    """Those of which none lies within another that was named before it, or around it."""
    kept: list[str] = []
    for span in found:
        if not any(_within(span, other) or _within(other, span) for other in kept):
            kept.append(span)
    return tuple(kept)


def _within(span: str, other: str) -> bool:
    """Whether a span's words stand in another; where words are not set apart, its characters."""
    if " " in other or " " in span:
        return f" {span} " in f" {other} "
    return span in other


def _with_longer(
    source: str, places: list[tuple[int, int]], found: dict[str, None], most: int
) -> tuple[str, ...]:
    """The words, and runs of them as long as the number allows."""
    lines = _lines(source, places)
    for length in range(2, LONGEST_SPAN + 1):
        longer = dict(found)
        for span in _of_length(source, places, lines, length):
            longer[span] = None
            if len(longer) > most:
                return tuple(found)
        if len(longer) == len(found):
            break
        found = longer
    return tuple(found)


def _of_length(
    source: str, places: list[tuple[int, int]], lines: list[int], length: int
) -> Iterator[str]:
    for first in range(len(places) - length + 1):
        last = first + length - 1
        if lines[first] == lines[last]:
            yield source[places[first][0] : places[last][1]]


def _bare(source: str, start: int, end: int) -> tuple[int, int]:
    while _outer(source[start]):
        start += 1
    while _outer(source[end - 1]):
        end -= 1
    return start, end


def _outer(char: str) -> bool:
    return char not in _KEPT and unicodedata.category(char).startswith("P")


def _lines(source: str, places: list[tuple[int, int]]) -> list[int]:
    """The number of the line in which each place lies."""
    numbers, line, at = [], 0, 0
    for start, _end in places:
        line += source.count("\n", at, start)
        at = start
        numbers.append(line)
    return numbers
