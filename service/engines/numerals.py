"""Numbers out of a text that is still being written."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TEXT: Final = 1 << 16
"""Characters without an array that are kept; what a model says beyond is not listened to."""

_NUMBER: Final = re.compile(r"(?<![\w.+-])\d{1,9}(?![\w.]*\w)")
_ENUMERATION: Final = re.compile(r"^\W*\d+[.):]\s+(?=\W*\d)", re.MULTILINE)
"""A line's own number before the number that is meant: `1. 17`."""


class Numerals:
    """Hands over each number of the first array in a text as soon as it cannot go on.

    A server that keeps to the schema writes nothing else. One that does not may leave out the
    array: then, at the end, all the numbers of the text count.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._inside = False
        self._over = False

    def read(self, text: str) -> list[int]:
        """The numbers that this piece of text completes."""
        if self._over:
            return []
        self._rest += text
        if not self._inside:
            return self._enter()
        array, closed, _ = self._rest.partition("]")
        if closed:
            self._over, self._rest = True, ""
            return _numbers(array)
        # The last word may go on in the next piece.
        cut = max(map(array.rfind, ", \t\r\n")) + 1
        self._rest = array[cut:]
        return _numbers(array[:cut])

    def end(self) -> list[int]:
        """The numbers that nothing followed, or, without an array, all of them."""
        if self._over:
            return []
        rest = self._rest if self._inside else _ENUMERATION.sub("", self._rest)
        self._over = True
        return _numbers(rest)

    def _enter(self) -> list[int]:
        before, opened, array = self._rest.partition("[")
        if opened:
            self._inside, self._rest = True, ""
            return self.read(array)
        self._rest = before[:LONGEST_TEXT]
        return []


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in _NUMBER.findall(text)]
