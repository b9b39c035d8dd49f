"""Text that is dear to read: emoji, signs and rare characters, of which a byte is nearly a token.

A byte-level tokenizer spells a character that it has no token for byte by byte, while of plain
words in any script a byte comes to a quarter or a half of a token. So room that holds a long wish
in plain words would let through four times as much work in emoji.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import accumulate
from typing import Final

_TIMES: Final = 4
"""How much dearer a byte of such a character is."""

_PLAIN: Final = 0x2000
"""From here on there may be signs beside letters."""

_SUPPLEMENT: Final = 0x10000
_RARE_HAN: Final = range(0x3400, 0x4DC0)


def spared(text: str, most: int) -> str:
    """The beginning of a text that costs as much as so many bytes of plain words, at most."""
    if _TIMES * len(text.encode()) <= most:
        return text
    costs = list(accumulate(map(_cost, text)))
    return text[: bisect_right(costs, most)].rstrip()


def _cost(character: str) -> int:
    size = len(character.encode())
    return _TIMES * size if _dear(character) else size


def _dear(character: str) -> bool:
    code = ord(character)
    if code < _PLAIN:
        return False
    rare = code >= _SUPPLEMENT or code in _RARE_HAN
    return rare or unicodedata.category(character) == "So"
