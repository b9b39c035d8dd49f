"""What came of a task, in columns of numbers: of hundreds of thousands of users no list is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.evaluate.bootstrap import Floats
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.metrics import Counts
from models.evaluate.recommend.tasks import Posed
from service.steering.arrays import BoolArray, IntArray
from service.tuning import LENGTHS, Situation

NAMES: Final = tuple(name for _, name in LENGTHS)

LINE: Final = np.dtype(
    [
        *((name, np.int32) for name in Counts._fields),
        ("seconds", np.float64),
        ("weight", np.float64),
        ("chosen", np.int32),
        ("failure", np.int32),
    ]
)
"""What stays of a list. NaN for no weight; strategies and failures are numbered from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Who was asked about in a task, in the order of its requests."""

    users: IntArray
    """Each user's number, the same in every task."""
    lengths: IntArray
    """Which of `NAMES` a history is."""
    rare: BoolArray
    """Whether what was met next was hardly known."""

    @classmethod
    def of(cls, asked: Sequence[Posed], numbers: dict[str, int]) -> Group:
        """The group of some requests; users that have no number get the next ones."""
        lengths = (Situation.of(len(each.request.history or ())).length for each in asked)
        return cls(
            np.array([numbers.setdefault(each.user, len(numbers)) for each in asked]),
            np.array([NAMES.index(length) for length in lengths]),
            np.array([each.rare for each in asked]),
        )


class Tally:
    """What came of one task's requests under one row."""

    def __init__(self, size: int) -> None:
        """For so many requests."""
        self._lines = np.zeros(size, LINE)
        self._chosen: dict[str, int] = {}
        self._failures: dict[str, int] = {}

    def take(self, place: int, counts: Counts, listed: Listed) -> None:
        """What came of the request in that place."""
        weight = np.nan if listed.weight is None else listed.weight
        chosen, failure = (
            _number(self._chosen, listed.chosen),
            _number(self._failures, listed.failure),
        )
        self._lines[place] = (*counts, listed.seconds, weight, chosen, failure)

    @property
    def counts(self) -> Mapping[str, IntArray]:
        """What counts of the lists, by column."""
        return {name: self._lines[name] for name in Counts._fields}

    @property
    def lists(self) -> int:
        """How many there are, failures among them."""
        return len(self._lines)

    @property
    def failed(self) -> int:
        """How many failed."""
        return int(np.count_nonzero(self._lines["failure"]))

    @property
    def seconds(self) -> Floats:
        """What each list took that did not fail."""
        seconds: Floats = self._lines["seconds"][self._made]
        return seconds

    @property
    def weights(self) -> Floats:
        """What the prior weighed, where it had a say, failures left out."""
        weights: Floats = self._lines["weight"][self._made]
        return weights[~np.isnan(weights)]

    @property
    def strategies(self) -> dict[str, int]:
        """How many lists came by each that the service chose, by name."""
        return dict(sorted(_counted(self._lines["chosen"][self._made], self._chosen).items()))

    @property
    def failures(self) -> Counter[str]:
        """Why lists failed and how often, in the order of the requests."""
        return _counted(self._lines["failure"], self._failures)

    @property
    def _made(self) -> BoolArray:
        """Those that did not fail."""
        return np.asarray(self._lines["failure"] == 0)


def _number(names: dict[str, int], name: str | None) -> int:
    """A name's number, from 1, the next one if it has none; 0 for no name."""
    return 0 if name is None else names.setdefault(name, len(names) + 1)


def _counted(column: IntArray, names: Mapping[str, int]) -> Counter[str]:
    """How often each name is there, in the order in which they come first."""
    of = list(names)
    numbers, first, many = np.unique(column, return_index=True, return_counts=True)
    found = Counter[str]()
    for at in np.argsort(first).tolist():
        if numbers[at]:
            found[of[int(numbers[at]) - 1]] = int(many[at])
    return found
