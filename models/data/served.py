"""What a built catalogue remembers of its users: sequences of rows, as its histories hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.data.split import SHORTEST, Case
from service.catalog.artifact import LoadedCatalogue
from service.steering.arrays import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A catalogue as something to learn from."""

    version: str
    ids: tuple[str, ...]
    """The id of each row."""
    sequences: tuple[IntArray, ...]
    """What each user met, each item where it was first met, oldest first."""


def served(catalogue: LoadedCatalogue) -> Served:
    """The sequences of a catalogue."""
    histories = catalogue.histories
    counts = np.diff(histories.offsets)
    users = np.repeat(np.arange(len(counts)), counts)
    rows = np.asarray(histories.rows, dtype=np.int64)
    _, first = np.unique(users * catalogue.size + rows, return_index=True)
    kept = np.sort(first)
    ends = np.cumsum(np.bincount(users[kept], minlength=len(counts)))[:-1]
    return Served(
        version=catalogue.version,
        ids=tuple(histories.item_ids.to_pylist()),
        sequences=tuple(np.split(rows[kept], ends)) if len(counts) else (),
    )


def last_left_out(
    sequences: Sequence[IntArray], most: int, seed: int
) -> tuple[tuple[IntArray, ...], tuple[Case, ...]]:
    """What may be learnt from, and at most so many cases: what a user met last is one.

    Nothing is held back of users who are not asked about, nor of those with fewer than three
    meetings.
    """
    able = np.array([n for n, met in enumerate(sequences) if len(met) >= SHORTEST], dtype=np.int64)
    if len(able) > most:
        able = np.sort(np.random.default_rng(seed).choice(able, most, replace=False))
    asked = set(able.tolist())
    train = tuple(met[:-1] if n in asked else met for n, met in enumerate(sequences))
    cases = tuple(Case(n, sequences[n][:-1], int(sequences[n][-1])) for n in able.tolist())
    return train, cases
