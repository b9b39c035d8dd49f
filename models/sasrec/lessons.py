"""What a net is taught and asked: sequences and cases in the net's own numbers for items.

A net knows only items that some sequence has beside another one: of others it cannot learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.data.split import Case
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
    long = _long(sequences)
    if why := too_few(long, cases):
        raise BadInput(
            why,
            hint=f"At least {FEWEST} users must have two different items to learn from, beside"
            " what is set aside to be asked about.",
        )
    number = np.full(size, UNKNOWN, dtype=np.int64)
    items = np.unique(np.concatenate(long))
    number[items] = np.arange(len(items))
    return Lessons(
        items=items,
        sequences=tuple(number[sequence] for sequence in long),
        cases=asked(cases, number),
    )


def too_few(sequences: Iterable[IntArray], cases: Sequence[Case]) -> str | None:
    """Why nothing can be learnt of so little; None where it is enough."""
    long = _long(sequences)
    if len(long) >= FEWEST and len(cases) >= FEWEST:
        return None
    return (
        f"there are too few events to train SASRec: {len(long)} users have two to learn from,"
        f" {len(cases)} have one more to be asked about"
    )


def asked(cases: Sequence[Case], number: IntArray) -> tuple[Asked, ...]:
    """Cases in a net's own numbers; `number` gives the one of each place, or UNKNOWN."""
    return tuple(_asked(case, number) for case in cases)


def _long(sequences: Iterable[IntArray]) -> list[IntArray]:
    """Those in which something follows something."""
    return [sequence for sequence in sequences if len(sequence) > 1]


def _asked(case: Case, number: IntArray) -> Asked:
    history = number[case.history]
    return Asked(history[history != UNKNOWN], int(number[case.target]))
