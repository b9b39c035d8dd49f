"""What a step tells while it works: how far it is, and its figures so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

EVERY_S: Final = 10.0
"""How often a plain line is written about a stage that goes on."""


@dataclass(frozen=True, slots=True)
class Moment:
    """This much of a stage is done."""

    stage: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        told = "".join(f"  {name} {figure:.4g}" for name, figure in self.figures.items())
        return f"{self.stage}  {self.done} of {self.total}{told}"


Telling: TypeAlias = Callable[[Moment], None]


def silently(_moment: Moment) -> None:
    """For whoever only waits for the end."""


@contextmanager
def shown(console: Console) -> Iterator[Telling]:
    """A bar a stage in a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        yield Bars(bars)


class Bars:
    """A bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, moment: Moment) -> None:
        """Move the bar."""
        if moment.stage not in self._tasks:
            self._tasks[moment.stage] = self._bars.add_task(moment.stage, total=moment.total)
        task = self._tasks[moment.stage]
        self._bars.update(task, description=str(moment), completed=moment.done, total=moment.total)


class Lines:
    """A line when a stage begins, now and then, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, float] = {}

    def __call__(self, moment: Moment) -> None:
        """Write a line if it is time."""
        now = time.monotonic()
        last = self._told.get(moment.stage)
        if last is None or now - last >= EVERY_S or moment.done >= moment.total:
            self._told[moment.stage] = now
            self._console.print(str(moment), markup=False)
