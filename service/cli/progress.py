"""Progress of long work on stderr: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

EVERY_S: Final = 10.0
"""How often a plain line is written about a stage that goes on."""


class Report(Protocol):
    """What long work tells."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """This much of a stage is done."""
        ...


Figures: TypeAlias = Mapping[str, float]
"""What such work has found out so far, by name."""

NONE: Final[Figures] = MappingProxyType({})


@contextmanager
def progress(console: Console) -> Iterator[Bars | Lines]:
    """Where long work may report to."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with bars_on(console, MofNCompleteColumn()) as bars:
        yield Bars(bars)


def bars_on(console: Console, *more: ProgressColumn) -> Progress:
    """Bars: what each is of, itself, what else is to be said, and the time."""
    # A stage may be named after a model or a file, in which brackets mean nothing.
    name = TextColumn("{task.description}", markup=False)
    return Progress(name, BarColumn(), *more, TimeElapsedColumn(), console=console)


class Bars:
    """A bar for each stage that goes on; a line above them for each that is complete.

    A terminal shows as many bars as it has lines, the first ones: so none stays that is complete.
    """

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._at: dict[str, tuple[int, int]] = {}
        """How far each stage was, also one whose bar is gone."""

    def __call__(self, stage: str, done: int, total: int, figures: Figures = NONE) -> None:
        """This much of a stage is done."""
        before = self._at.get(stage)
        if stage not in self._tasks and before == (done, total):
            return  # told once more that it is complete
        if stage not in self._tasks or (before is not None and done < before[0]):
            self._begin(stage, total)
        self._at[stage] = (done, total)
        told = f"{stage}{_told(figures)}"
        self._bars.update(self._tasks[stage], description=told, completed=done, total=total)

    def _begin(self, stage: str, total: int) -> None:
        """Have a new bar, and those of complete stages gone.

        They go no sooner: a total may grow, and figures may come late.
        """
        tasks = {task.id: task for task in self._bars.tasks}
        for name, at in list(self._tasks.items()):
            if tasks[at].finished:
                self._tell(name, tasks[at])
            if tasks[at].finished or name == stage:
                self._bars.remove_task(self._tasks.pop(name))
        self._tasks[stage] = self._bars.add_task(stage, total=total)

    def _tell(self, stage: str, task: Task) -> None:
        done, total = self._at[stage]
        took = timedelta(seconds=int(task.finished_time or 0))
        told = f"{task.description}  {done} of {total}  {took}"
        self._bars.console.print(told, markup=False)


class Lines:
    """A line when a stage begins, now and then, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, float] = {}
        self._done: dict[str, int] = {}
        self._ended: set[str] = set()

    def __call__(self, stage: str, done: int, total: int, figures: Figures = NONE) -> None:
        """This much of a stage is done."""
        if done < self._done.get(stage, 0):  # it begins anew
            self._told.pop(stage, None)
            self._ended.discard(stage)
        self._done[stage] = done
        now = time.monotonic()
        ended = done >= total and stage not in self._ended
        if ended:
            self._ended.add(stage)
        if ended or (now - self._told.get(stage, -EVERY_S) >= EVERY_S and stage not in self._ended):
            self._told[stage] = now
            told = f"{stage}: {done} of {total}{_told(figures)}"
            self._console.print(told, markup=False)


def _told(figures: Figures) -> str:
    return "".join(f"  {name} {figure:.4g}" for name, figure in figures.items())
