"""Progress of long work on stderr: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
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
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield Bars(bars)


class Bars:
    """A bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int, figures: Figures = NONE) -> None:
        """This much of a stage is done."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        told = f"{stage}{_told(figures)}"
        self._bars.update(self._tasks[stage], description=told, completed=done, total=total)


class Lines:
    """A line when a stage begins, now and then, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, float] = {}
        self._ended: set[str] = set()

    def __call__(self, stage: str, done: int, total: int, figures: Figures = NONE) -> None:
        """This much of a stage is done."""
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
