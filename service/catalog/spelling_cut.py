"""Cutting a long title where a reader would: between words, else between visible characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from service.steering.arrays import IntArray

ELLIPSIS: Final = "…"

_WIDEST: Final = 8  # characters a token is assumed to cover at most; a longer cut would be no gain
_JOINER: Final = "\u200d"
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})


def cut_to(
    texts: Sequence[str], count: Callable[[Sequence[str]], IntArray], budget: int
) -> list[str]:
    """Each text shortened until, with its ellipsis, it takes at most `budget` tokens.

    `count` tells how many tokens texts take. The text is cut rather than its tokens, so what is
    left is always text that the tokenizer spells and reads back as it stands.
    """
    low = np.zeros(len(texts), dtype=np.int64)
    high = np.array([min(len(text), _WIDEST * budget) for text in texts], dtype=np.int64)
    while np.any(low < high):
        middle = (low + high + 1) // 2
        fits = count(list(map(_shown, texts, middle.tolist()))) <= budget
        low, high = np.where(fits, middle, low), np.where(fits, high, middle - 1)
    return [_shown(text, _boundary(text, at)) for text, at in zip(texts, low.tolist(), strict=True)]


def _shown(text: str, at: int) -> str:
    return text[:at].rstrip() + ELLIPSIS


def _boundary(text: str, at: int) -> int:
    """The last place up to `at` where the text may be cut."""
    word = text.rfind(" ", 0, at + 1)
    if word >= at * 2 // 3:
        return word
    place = at
    while place > 0 and _joined(text, place):
        place -= 1
    return place or at


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after a place are seen as one."""
    before, after = text[at - 1], text[at : at + 1]
    if _is_flag_letter(before) and after and _is_flag_letter(after):
        letters = len(text[:at]) - len(text[:at].rstrip(_FLAG_LETTERS))
        return letters % 2 == 1
    return _JOINER in {before, after} or (bool(after) and _continues(after))


def _continues(character: str) -> bool:
    """Whether it is drawn onto the one before it: marks, skin tones, the tags of a flag."""
    return (
        unicodedata.category(character) in _MARKS
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


_FLAG_LETTERS: Final = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def _is_flag_letter(character: str) -> bool:
    return character in _FLAG_LETTERS
