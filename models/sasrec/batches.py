"""Batches to learn from: each item of a sequence is to be told from those before it.

A sequence that is longer than what a net looks at is cut into chunks, elsewhere every epoch, so
that each item is now and then seen after as much as can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from service.steering.arrays import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Items, what follows each of them, and which places hold any; ends are to the right."""

    items: IntArray
    following: IntArray
    real: BoolArray


def chunks(sequence: IntArray, length: int, dice: np.random.Generator) -> list[IntArray]:
    """Pieces of at most `length` + 1 items, which together hold every pair of neighbours."""
    if len(sequence) <= length + 1:
        return [sequence] if len(sequence) > 1 else []
    first = len(sequence) - int(dice.integers(length))
    ends = {len(sequence), *range(first, 1, -length)}
    return [sequence[max(0, end - length - 1) : end] for end in sorted(ends)]


def cut(sequences: Sequence[IntArray], length: int, dice: np.random.Generator) -> list[IntArray]:
    """The pieces of all sequences, in an order by the dice."""
    pieces = [piece for sequence in sequences for piece in chunks(sequence, length, dice)]
    return [pieces[place] for place in dice.permutation(len(pieces))]


def batches(pieces: Sequence[IntArray], size: int) -> Iterator[Batch]:
    """All pieces, so many at a time."""
    for start in range(0, len(pieces), size):
        yield _batch(pieces[start : start + size])


def _batch(pieces: Sequence[IntArray]) -> Batch:
    width = max(len(piece) for piece in pieces) - 1
    items = np.zeros((len(pieces), width), dtype=np.int64)
    following = np.zeros_like(items)
    real = np.zeros(items.shape, dtype=np.bool_)
    for place, piece in enumerate(pieces):
        start = width - len(piece) + 1
        items[place, start:] = piece[:-1]
        following[place, start:] = piece[1:]
        real[place, start:] = True
    return Batch(items, following, real)
