"""What a model wanted: the token it likes best at a choice, and what would have been wrong with it.

That shows what steering prevents. Nothing here has a say in what is spelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from service.steering.arrays import IntArray
from service.steering.speller import Speller


class Wanted(StrEnum):
    """What would have come of the token that a model likes best."""

    AGREED = "agreed"
    """It may stand."""
    NONEXISTENT = "nonexistent"
    """No title goes on like this."""
    REPEAT = "repeat"
    """What goes on like this is in the list already."""
    IN_HISTORY = "in_history"
    """What goes on like this is in the history."""
    CONTROL = "control"
    """What goes on like this would break a control, at once or once the list is full."""
    FORM = "form"
    """The list would end here, or sooner than it may."""


class Wishes:
    """Counts what a model wants of one list, choice by choice."""

    def __init__(self, speller: Speller, banned: IntArray) -> None:
        """`banned`: the rows of the history, sorted. The plan no longer tells them from others."""
        self._speller = speller
        self._banned = banned
        self._counts: Counter[Wanted] = Counter()

    @property
    def counts(self) -> Mapping[Wanted, int]:
        """How often it wanted what."""
        return self._counts

    def note(self, liked: int) -> None:
        """The model likes this token best, before the next one is pushed. No choice, no wish."""
        if self._speller.choices is not None:
            self._counts[wanted(self._speller, self._banned, liked)] += 1


def wanted(speller: Speller, banned: IntArray, liked: int) -> Wanted:
    """What would have come of a token, where the speller has a choice."""
    if speller.offers(liked):
        return Wanted.AGREED
    if liked == speller.end:
        return Wanted.FORM
    below = speller.below(liked)
    return Wanted.NONEXISTENT if below is None else _ruled_out(speller, banned, below)


def _ruled_out(speller: Speller, banned: IntArray, below: range) -> Wanted:
    """Why none of some rows may stand: what holds of most of them, and the first of such as tie."""
    listed = sum(row in below for row in speller.rows)
    past = int(np.diff(np.searchsorted(banned, (below.start, below.stop)))[0])
    early = sum(row in below for row in speller.early)
    reasons = {
        Wanted.REPEAT: listed,
        Wanted.IN_HISTORY: past,
        Wanted.FORM: early,
        Wanted.CONTROL: len(below) - listed - past - early,
    }
    return max(reasons, key=reasons.__getitem__)
