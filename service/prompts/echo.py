"""Echoes: sentences that say again what was said, or copy what was asked word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_NO_LETTERS: Final = re.compile(r"[\W_]+")
_LABEL: Final = re.compile(r"\s*\(?\w{1,3}[.)]\s")
_MOSTLY: Final = 0.6
_LONG: Final = 12
"""In letters; shorter text may stand anywhere by chance."""


class Echo:
    """What has been said so far: first of all what was asked."""

    def __init__(self, asked: str) -> None:
        rows = asked.splitlines()
        self._rows = {_letters(row) for row in [*rows, *(_LABEL.sub("", row, 1) for row in rows)]}
        self._asked = _letters(asked)
        self._runs = set(_runs(self._asked))

    def repeats(self, sentence: str) -> bool:
        """Whether the sentence is a line of it, or most of its words stand there in a row."""
        letters = _letters(sentence)
        if letters in self._rows or (len(letters) >= _LONG and letters in self._asked):
            return True
        runs = list(_runs(letters))
        return bool(runs) and sum(run in self._runs for run in runs) > _MOSTLY * len(runs)

    def hear(self, sentence: str) -> None:
        """From now on this has been said."""
        self._rows.add(_letters(sentence))


def _letters(text: str) -> str:
    return _NO_LETTERS.sub(" ", text).strip().casefold()


def _runs(letters: str) -> Iterator[tuple[str, str, str]]:
    """Every three words in a row."""
    pairs = pairwise(letters.split())
    return ((a, b, c) for (a, b), (_, c) in pairwise(pairs))
