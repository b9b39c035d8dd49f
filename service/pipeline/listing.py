"""The lines of a list, read out of text that nothing held to a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from service.prompts.fence import CLOSE, OPEN

NUMBERED: Final = re.compile(
    r"^\s*[*_#>-]*\s*(?P<number>\d{1,3})\s*(?:[.)](?!\d)|:(?!\S))\s*(?P<rest>.*)$"
)
BULLET: Final = re.compile(r"^\s*[*\u2022\u2013-]\s+(?P<rest>.*)$")
AROUND: Final = " \t\"'`*_\u201c\u201d\u2018\u2019\u00ab\u00bb.,;:"

FENCES: Final = frozenset({OPEN, CLOSE})
"""Of our prompts: a line that is no more than one, said after us, is none of a list."""

TALK: Final = 10
"""Lines that a model may say before its list."""


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
    lines = [line for line in broken(text) if line.text.strip()]
    numbered = list(_numbered(lines))
    listed = numbered if len(numbered) >= min(k, 2) else _unbulleted(lines)
    return [Line(line.text.strip(AROUND), line.end) for line in listed]


def finished_in(text: str, k: int) -> list[Line]:
    """The same of a text that was cut short, less the line that it may have been cut in."""
    whole = _whole(text)
    asked = min(k, sum(bool(line.text.strip()) for line in whole))
    ends = {line.end for line in whole}
    return [line for line in listed_in(text, asked) if line.end in ends]


def overfull(text: str, k: int) -> bool:
    """Whether more than `k` lines of a list are whole, though it may be cut in another.

    Before a number has come, a few lines may be talk that the list is still to follow.
    """
    said = (line for line in _whole(text) if line.text.strip())
    whole = [line for line in said if line.text.strip() not in FENCES]
    numbered = sum(1 for _ in _numbered(whole))
    bulleted = sum(1 for line in whole if BULLET.match(line.text))
    return max(numbered, bulleted) > k or len(whole) > (2 * k if numbered else k) + TALK


def _whole(text: str) -> list[Line]:
    return [line for line in broken(text) if line.end < len(text) or _ends_line(text)]


def broken(text: str) -> Iterator[Line]:
    """The text's own lines."""
    whole = text.splitlines(keepends=True)
    yield from map(Line, text.splitlines(), accumulate(map(len, whole)))


def _ends_line(text: str) -> bool:
    """Whether the last character breaks the line."""
    return text[-1:].splitlines() == [""]


def _numbered(lines: Sequence[Line]) -> Iterator[Line]:
    """What follows the numbers, as long as they rise from 1."""
    last = 0
    for line in lines:
        # Without the spaces before it, of which the pattern would try every part.
        match = NUMBERED.match(line.text.lstrip())
        number = int(match["number"]) if match else 0
        if match and number > last and (last or number == 1):
            last = number
            yield Line(match["rest"], line.end)


def _unbulleted(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        match = BULLET.match(line.text)
        yield Line(match["rest"], line.end) if match else line
