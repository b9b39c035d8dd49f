"""What tuning asks: validation cases in every situation a request may be in.

Few data sets have users of all kinds. So each case is asked several times: with the history that it
has, with only the last few meetings of it, with none, and each of these with a wish in words too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from models.data.split import Case
from service.domain import Intent
from service.steering.arrays import IntArray
from service.tuning import Situation

SHORTENED: Final = ((0, 0), (1, 3), (4, 10), (11, None))
"""Least and most meetings of a history, for each of the lengths that are told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One case as a request would ask about it."""

    case: Case
    intent: Intent
    situation: Situation
    met: IntArray
    """All that the user has met: more than the case tells, where it is shortened."""

    @property
    def shortened(self) -> bool:
        """Whether the user has met more than the case tells."""
        return len(self.met) > len(self.case.history)

    @property
    def words(self) -> str:
        """What the retrievers are told of the wish."""
        return self.intent.words


Wish: TypeAlias = Callable[[int, np.random.Generator], Sequence[Intent]]
"""What somebody might ask for who wants the item of a row, in each way that it can be."""


def asked_of(cases: Sequence[Case], wish: Wish, seed: int) -> Iterator[Asked]:
    """Every case at every length it has, without words and with."""
    dice = np.random.default_rng(seed)
    for case in cases:
        for least, most in SHORTENED:
            shortened = _shortened(case, least, most, dice)
            if shortened is None:
                continue
            met = len(shortened.history)
            for intent in (Intent(), *wish(case.target, dice)):
                situation = Situation.of(met, intent)
                yield Asked(shortened, intent, situation, case.history)


def _shortened(case: Case, least: int, most: int | None, dice: np.random.Generator) -> Case | None:
    """The same case with its last few meetings alone, all if they are so few; None if fewer."""
    met = len(case.history)
    if met < least:
        return None
    kept = met if most is None or met <= most else int(dice.integers(least, most + 1))
    return replace(case, history=case.history[met - kept :])
