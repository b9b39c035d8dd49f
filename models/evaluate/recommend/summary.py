"""From lists to figures: by task, by slice of its users, by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from models.evaluate.recommend.figures import Figures, figures
from models.evaluate.recommend.ground import RARE
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.metrics import FORM, Fraction, Lookup, Marks, marks
from models.evaluate.recommend.rows import Row, baseline
from models.evaluate.recommend.tasks import TITLES, Posed, Task
from service.tuning import LENGTHS, Situation

ALL: Final = "all"
RARE_ITEMS: Final = f"items met < {RARE} times"
NOTHING: Final = Fraction(0.0, 0.0)

Lists: TypeAlias = Mapping[Task, Mapping[str, Sequence[Listed]]]
"""By task and row, a list for each request, in the requests' order."""


Marked: TypeAlias = Mapping[str, Sequence[Marks]]
"""By row, the metrics of each list."""


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
class Lot:
    """What was asked, and what came of it."""

    posed: Mapping[Task, Sequence[Posed]]
    lists: Lists
    users: int
    """How many were to be asked about."""


def summarised(lot: Lot, item: Lookup, measured: Mapping[str, str], rows: Sequence[Row]) -> Summary:
    """The figures of every task and row."""
    marked = {task: _marked(lot.posed[task], made, item) for task, made in lot.lists.items()}
    return Summary(
        measured=measured,
        k=next(each.request.k for asked in lot.posed.values() for each in asked),
        tasks={task: _task(task, lot, of) for task, of in marked.items() if of},
        form=_forms([row.name for row in rows], lot.posed, marked),
        weights={row.name: row.weight for row in rows if row.weight is not None},
        failures=dict(Counter(_failures(lot.lists))),
    )


def _marked(asked: Sequence[Posed], rows: Mapping[str, Sequence[Listed]], item: Lookup) -> Marked:
    return {
        name: [marks(*pair, item) for pair in zip(asked, lists, strict=True)]
        for name, lists in rows.items()
    }


def _forms(
    names: Iterable[str], posed: Mapping[Task, Sequence[Posed]], tasks: Mapping[Task, Marked]
) -> dict[str, Figures]:
    """All lists of a user are drawn together: they are alike, as a user's are."""
    pooled: dict[str, dict[str, dict[str, Fraction]]] = {
        name: defaultdict(lambda: dict.fromkeys(FORM, NOTHING)) for name in names
    }
    for task, rows in tasks.items():
        for name, marked in rows.items():
            for asked, mark in zip(posed[task], marked, strict=True):
                users = pooled[name][asked.user]
                users.update({of: users[of] + mark[of] for of in FORM})
    # Each by itself: not all rows are asked for every task.
    return {
        name: figures({name: list(users.values())}, name)[name]
        for name, users in pooled.items()
        if users
    }


def _task(task: Task, lot: Lot, marked: Marked) -> TaskSummary:
    asked = lot.posed[task]
    slices = {
        name: Slice(
            len(chosen),
            figures(
                {row: [of[place] for place in chosen] for row, of in marked.items()},
                baseline(task),
            ),
        )
        for name, chosen in _slices(asked).items()
    }
    took = {name: _took(lists) for name, lists in lot.lists[task].items()}
    return TaskSummary(TITLES[task], lot.users - len(asked), baseline(task), slices, took)


def _slices(asked: Sequence[Posed]) -> dict[str, list[int]]:
    """The places of the requests in each slice that has some."""
    lengths = [Situation.of(len(each.request.history or ())).length for each in asked]
    slices = {
        f"history {name}": [place for place, length in enumerate(lengths) if length == name]
        for _, name in LENGTHS
    }
    slices[RARE_ITEMS] = [place for place, each in enumerate(asked) if each.rare]
    whole = {ALL: list(range(len(asked)))}
    return {name: chosen for name, chosen in (whole | slices).items() if chosen}


def _took(lists: Sequence[Listed]) -> Took:
    made = [each for each in lists if each.failure is None]
    seconds = [each.seconds for each in made]
    weights = [each.weight for each in made if each.weight is not None]
    return Took(
        lists=len(lists),
        failed=len(lists) - len(made),
        median=float(np.median(seconds)) if seconds else None,
        p95=float(np.percentile(seconds, 95)) if seconds else None,
        weight=float(np.median(weights)) if weights else None,
        strategies=dict(Counter(sorted(each.chosen for each in made if each.chosen))),
    )


def _failures(lists: Lists) -> Iterator[str]:
    for rows in lists.values():
        for name, made in rows.items():
            yield from (f"{name}: {each.failure}" for each in made if each.failure is not None)
