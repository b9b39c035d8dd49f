"""Numbers out of a text that is still being written."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TEXT: Final = 1 << 13
"""Characters that are remembered: more than a list of 100 comes to, with its titles."""

_BETWEEN: Final = ", \t\r\n"
"""What ends a number within an array, beside the array's end."""

# Nothing here is looked at twice: a model may say anything, and be made to.
_NUMBER: Final = re.compile(r"(?<![\w.+-])\d{1,9}(?!\.*+\w)")
_ENUMERATION: Final = re.compile(r"^[^\w\n]*+\d++[.):][^\S\n]++(?=[^\w\n]*+\d)", re.MULTILINE)
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
        self._said += text[: LONGEST_TEXT - len(self._said)]
        text, at = self._rest + text, 0
        self._rest = ""
        numbers: list[int] = []
        # In prose brackets may stand around anything.
        while not self._over and (self._inside or (at := text.find("[", at) + 1)):
            end = text.find("]", at)
            self._inside = end < 0
            # The last word of an array that is open may go on in the next piece.
            cut = max(at, *(text.rfind(c, at) + 1 for c in _BETWEEN)) if self._inside else end
            numbers += _numbers(text[at:cut])
            self._found = self._found or bool(numbers)
            if self._inside:
                self._rest = text[cut:][-LONGEST_TEXT:]
                break
            self._over, at = self._found, end + 1
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


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in _NUMBER.findall(text)]
