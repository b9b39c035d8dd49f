"""What a net is taught and asked: sequences and cases in the net's own numbers for items.

A net knows only items that some sequence has beside another one: of others it cannot learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.split import SHORTEST, Case
from models.sasrec.evaluate import UNKNOWN, Asked
from service.errors import BadInput
from service.steering.arrays import IntArray

FEWEST: Final = 10
"""Users to learn from, and users to ask about, without whom there is nothing to find out."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Everything that training takes."""

    items: IntArray
    """The place of each of the net's items among all items."""
    sequences: tuple[IntArray, ...]
    cases: tuple[Asked, ...]


def lessons(sequences: Iterable[IntArray], cases: Sequence[Case], size: int) -> Lessons:
    """Lessons from sequences of places among `size` items; BadInput if there are too few."""
    long = [sequence for sequence in sequences if len(sequence) > 1]
    if len(long) < FEWEST or len(cases) < FEWEST:
        raise BadInput(
            f"there are too few events to train SASRec: {len(long)} users have two to learn from,"
            f" {len(cases)} have one more to be asked about",
            hint=f"At least {FEWEST} users must have met {SHORTEST} different items.",
        )
    number = np.full(size, UNKNOWN, dtype=np.int64)
    items = np.unique(np.concatenate(long))
    number[items] = np.arange(len(items))
    return Lessons(
        items=items,
        sequences=tuple(number[sequence] for sequence in long),
        cases=asked(cases, number),
    )


def asked(cases: Sequence[Case], number: IntArray) -> tuple[Asked, ...]:
    """Cases in a net's own numbers; `number` gives the one of each place, or UNKNOWN."""
    return tuple(_asked(case, number) for case in cases)


def _asked(case: Case, number: IntArray) -> Asked:
    history = number[case.history]
    return Asked(history[history != UNKNOWN], int(number[case.target]))
