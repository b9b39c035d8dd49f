"""Numbers out of a text that is still being written."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TEXT: Final = 1 << 16
"""Characters of talk that are kept; what a model says beyond is not listened to."""

_NUMBER: Final = re.compile(r"(?<![\w.+-])\d{1,9}(?![\w.]*\w)")
_ENUMERATION: Final = re.compile(r"^\W*\d+[.):]\s+(?=\W*\d)", re.MULTILINE)
"""A line's own number before the number that is meant: `1. 17`."""


class Numerals:
    """Hands over each number of the first array that has one, as soon as it cannot go on.

    A server that keeps to the schema writes nothing else. One that does not may leave out the
    array: then, at the end, all the numbers of the text count.
    """

    def __init__(self) -> None:
        self._said = ""
        self._rest = ""
        self._inside = self._found = self._over = False

    def read(self, text: str) -> list[int]:
        """The numbers that this piece of text completes."""
        if self._over:
            return []
        if len(self._said) < LONGEST_TEXT:
            self._said = (self._said + text)[:LONGEST_TEXT]
        self._rest += text
        numbers: list[int] = []
        while self._enter():
            array, closed, after = self._rest.partition("]")
            # The last word of an array that is open may go on in the next piece.
            cut = len(array) if closed else max(map(array.rfind, ", \t\r\n")) + 1
            numbers += _numbers(array[:cut])
            self._found = self._found or bool(numbers)
            if not closed:
                self._rest = array[cut:]
                break
            # In prose brackets may stand around anything.
            self._inside, self._over, self._rest = False, self._found, after
        return numbers

    def end(self) -> list[int]:
        """The numbers that nothing followed, or, without an array, all of them."""
        if self._over:
            return []
        self._over = True
        last = _numbers(self._rest) if self._inside else []
        if last or self._found:
            return last
        return _numbers(_ENUMERATION.sub("", self._said))

    def _enter(self) -> bool:
        """Whether the rest stands in an array that may be the one."""
        if not (self._inside or self._over):
            _, opened, self._rest = self._rest.partition("[")
            self._inside = bool(opened)
        return self._inside


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in _NUMBER.findall(text)]
