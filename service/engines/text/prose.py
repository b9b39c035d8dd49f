"""A text as it comes, and when it is asked whether that is enough."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

CUT: Final = "the answer was cut at its token limit"

ROOM: Final = 128
"""Tokens that there must be room for after a prompt, if as many may come: what ended after a few
words would not be worth the reading."""

_IN_A_WORD: Final = re.compile(r"[0-9A-Za-z]*")
"""What surely ends no word. Any other character may: a blank, a stop, one that is a word itself."""


class Prose:
    """Grows by pieces. Whether it is enough is asked only when a word may have ended."""

    def __init__(self, enough: Callable[[str], bool]) -> None:
        self._enough = enough
        self._pieces: list[str] = []
        self.length = 0
        """Characters that have come."""
        self.due = False
        """Whether there is something to ask."""
        self.over = False
        """Whether it was enough."""

    def grow(self, piece: str) -> None:
        """Take in what has come."""
        self._pieces.append(piece)
        self.length += len(piece)
        self.due = self.due or _IN_A_WORD.fullmatch(piece) is None

    def ask(self) -> bool:
        """Whether what there is is enough."""
        self.due = False
        self.over = self.over or self._enough(self.text)
        return self.over

    @property
    def text(self) -> str:
        """All that has come."""
        # Joined when it is looked at: to add every piece to a long text would copy it each time.
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    @property
    def blank(self) -> bool:
        """Whether there is not a word."""
        return not self.text.strip()
