"""From lists to figures: by task, by slice of its users, by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.evaluate.bootstrap import Floats
from models.evaluate.recommend.figures import Figures, figures
from models.evaluate.recommend.ground import RARE
from models.evaluate.recommend.metrics import FORM, Fraction, Marks, marks
from models.evaluate.recommend.rows import Row, baseline
from models.evaluate.recommend.tally import NAMES, Group, Tally
from models.evaluate.recommend.tasks import TITLES, Task
from service.steering.arrays import IntArray

ALL: Final = "all"
RARE_ITEMS: Final = f"items met < {RARE} times"


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of a task's requests."""

    users: int
    rows: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Took:
    """What the lists of a row took, on one task."""

    lists: int
    failed: int
    median: float | None
    """Seconds, failures left out; None if there is nothing else."""
    p95: float | None
    weight: float | None
    """What the prior weighed, in the median, where a model and a prior had a say."""
    strategies: Mapping[str, int]
    """How many lists came by each, where the row leaves that to the service."""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task."""

    title: str
    left_out: int
    """Users for whom there is no such request."""
    baseline: str
    slices: Mapping[str, Slice]
    """By slice, `all` first; those without users are left out."""
    took: Mapping[str, Took]
    """By row."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it."""

    measured: Mapping[str, str]
    """What was measured: data, models, versions, numbers."""
    k: int
    tasks: Mapping[Task, TaskSummary]
    form: Mapping[str, Figures]
    """By row, how well-formed all its lists are, whatever their task."""
    weights: Mapping[str, float]
    """Of the rows that show what the prior's weight does."""
    failures: Mapping[str, int]
    """What went wrong, by row and reason, and how often."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a task, by row."""

    group: Group
    rows: Mapping[str, Tally]
    """A line for each of the group, in its order."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What was asked, and what came of it."""

    k: int
    users: int
    """How many were to be asked about."""
    tasks: Mapping[Task, Answers]

    @property
    def failed(self) -> bool:
        """Whether any list could not be made."""
        return any(tally.failed for of in self.tasks.values() for tally in of.rows.values())


def summarised(lot: Lot, measured: Mapping[str, str], rows: Sequence[Row]) -> Summary:
    """The figures of every task and row."""
    failures = Counter[str]()
    for answers in lot.tasks.values():
        for name, tally in answers.rows.items():
            failures.update({f"{name}: {why}": many for why, many in tally.failures.items()})
    return Summary(
        measured=measured,
        k=lot.k,
        tasks={task: _task(task, lot, of) for task, of in lot.tasks.items() if of.rows},
        form=_forms([row.name for row in rows], lot),
        weights={row.name: row.weight for row in rows if row.weight is not None},
        failures=dict(failures),
    )


def _forms(names: Iterable[str], lot: Lot) -> dict[str, Figures]:
    """All lists of a user are drawn together: they are alike, as a user's are."""
    found = {}
    for name in names:
        # Each row by itself: not all are asked for every task, and all at once would be much.
        every = [
            (of.group, marks(task, lot.k, of.rows[name].counts))
            for task, of in lot.tasks.items()
            if name in of.rows
        ]
        if every:
            found[name] = figures({name: _pooled(every)}, name)[name]
    return found


def _pooled(every: Sequence[tuple[Group, Marks]]) -> Marks:
    """How well-formed all lists of each user are, whatever their task."""
    users = np.concatenate([group.users for group, _ in every])
    _, first, numbers = np.unique(users, return_index=True, return_inverse=True)
    # In the order in which users come first: draws are of places in it.
    places = np.argsort(np.argsort(first))[numbers]

    def summed(each: Iterable[Floats]) -> Floats:
        return np.bincount(places, np.concatenate(list(each))).astype(np.float64)

    return {
        name: Fraction(
            summed(of[name].over for _, of in every), summed(of[name].under for _, of in every)
        )
        for name in FORM
    }


def _task(task: Task, lot: Lot, of: Answers) -> TaskSummary:
    marked = {row: marks(task, lot.k, tally.counts) for row, tally in of.rows.items()}
    slices = {
        name: Slice(
            len(chosen),
            figures({row: _some(every, chosen) for row, every in marked.items()}, baseline(task)),
        )
        for name, chosen in _slices(of.group).items()
    }
    took = {name: _took(tally) for name, tally in of.rows.items()}
    left_out = lot.users - len(of.group.users)
    return TaskSummary(TITLES[task], left_out, baseline(task), slices, took)


def _some(every: Marks, chosen: IntArray) -> Marks:
    return {name: Fraction(of.over[chosen], of.under[chosen]) for name, of in every.items()}


def _slices(group: Group) -> dict[str, IntArray]:
    """The places of the requests in each slice that has some."""
    slices = {ALL: np.arange(len(group.users))}
    for number, name in enumerate(NAMES):
        slices[f"history {name}"] = np.flatnonzero(group.lengths == number)
    slices[RARE_ITEMS] = np.flatnonzero(group.rare)
    return {name: chosen for name, chosen in slices.items() if len(chosen)}


def _took(tally: Tally) -> Took:
    seconds, weights = tally.seconds, tally.weights
    return Took(
        lists=tally.lists,
        failed=tally.failed,
        median=float(np.median(seconds)) if len(seconds) else None,
        p95=float(np.percentile(seconds, 95)) if len(seconds) else None,
        weight=float(np.median(weights)) if len(weights) else None,
        strategies=tally.strategies,
    )
