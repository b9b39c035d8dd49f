"""Leave one out in time: each user's last meeting is for the test, the last but one for tuning.

Nothing that is learnt, counted or tuned may see a test target, nor a validation target before it
is asked for: `learnt_from` is the source without either, and catalogues to be judged are built of
it. The history of a test case holds the validation target, as it would when the service is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from models.data.dataset import Dataset
from service.catalog.read import Source
from service.steering.arrays import IntArray

SHORTEST: Final = 3
"""Meetings of a user who is asked about: one to learn from, one to tune with, one to test."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A user at one moment: what has been met, oldest first, and what is met next."""

    user: int
    history: IntArray
    target: int


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A data set cut by time; users with fewer than three meetings are learnt from alone."""

    dataset: Dataset
    train: tuple[IntArray, ...]
    """What may be learnt from, by user."""
    validation: tuple[Case, ...]
    test: tuple[Case, ...]

    def learnt_from(self) -> Source:
        """The source without what is asked about, and without what came after it."""
        return _before(self.dataset, [len(sequence) for sequence in self.train])


def leave_one_out(dataset: Dataset) -> Split:
    """Cut every sequence that is long enough before its last two meetings."""
    asked = [u for u, met in enumerate(dataset.sequences) if len(met) >= SHORTEST]
    held = frozenset(asked)
    return Split(
        dataset=dataset,
        train=tuple(
            met[:-2] if user in held else met for user, met in enumerate(dataset.sequences)
        ),
        validation=tuple(_case(dataset, user, -2) for user in asked),
        test=tuple(_case(dataset, user, -1) for user in asked),
    )


def sampled(cases: Sequence[Case], most: int | None, seed: int) -> tuple[Case, ...]:
    """So many of the cases, drawn with a seed, in their order; all where no number is named."""
    if most is None or most >= len(cases):
        return tuple(cases)
    chosen = np.random.default_rng(seed).choice(len(cases), most, replace=False)
    return tuple(cases[place] for place in np.sort(chosen).tolist())


def _case(dataset: Dataset, user: int, at: int) -> Case:
    met = dataset.sequences[user]
    return Case(user, met[:at], int(met[at]))


def _before(dataset: Dataset, kept: list[int]) -> Source:
    """The source with the events of each user up to some number of meetings."""
    events = dataset.source.events
    ends = np.full(len(dataset.users), len(events), dtype=np.int64)
    for user, count in enumerate(kept):
        if count < len(dataset.first_met[user]):
            ends[user] = dataset.first_met[user][count]
    chosen = np.arange(len(events)) < ends[events.users.indices.to_numpy()]
    mask = pa.array(chosen)
    return replace(
        dataset.source,
        events=replace(
            events,
            users=events.users.filter(mask),
            items=events.items.filter(mask),
            timestamps=events.timestamps[chosen],
        ),
    )
