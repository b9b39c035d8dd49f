"""What a training tells while it runs, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import Progress, TaskID

from service.cli.progress import Report, bars_on


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a training has come."""

    epoch: int
    epochs: int
    """The most there will be."""
    step: int
    steps: int
    loss: float
    """Of this epoch so far."""
    ndcg: float
    """NDCG@10 on validation data, after the last epoch that is complete."""
    best: float
    over: bool = False

    def __str__(self) -> str:
        figures = f"loss {self.loss:.3f}  NDCG@10 {self.ndcg:.4f}  best {self.best:.4f}"
        return f"SASRec  epoch {self.epoch} of at most {self.epochs}  {figures}"


Telling: TypeAlias = Callable[[Moment], None]


def silently(_moment: Moment) -> None:
    """For whoever only waits for the end."""


def through(report: Report) -> Telling:
    """As a stage of longer work, epoch by epoch: the most there will be is known of those alone."""

    def tell(moment: Moment) -> None:
        done = moment.epoch - (moment.step < moment.steps)
        most = moment.epochs
        report("train SASRec", most if moment.over else min(done, most - 1), most)

    return tell


@contextmanager
def shown(console: Console) -> Iterator[Telling]:
    """A bar an epoch in a terminal, a line an epoch elsewhere."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with bars_on(console) as bars:
        yield Bar(bars, bars.add_task("SASRec"))


@dataclass(frozen=True, slots=True)
class Bar:
    """The epoch that runs."""

    bars: Progress
    task: TaskID

    def __call__(self, moment: Moment) -> None:
        """Move the bar."""
        self.bars.update(
            self.task, description=str(moment), completed=moment.step, total=moment.steps
        )


@dataclass(slots=True)
class Lines:
    """Every epoch that is complete."""

    console: Console
    told: int = 0

    def __call__(self, moment: Moment) -> None:
        """Write a line if an epoch is complete."""
        if moment.step == moment.steps and moment.epoch > self.told:
            self.told = moment.epoch
            self.console.print(str(moment), markup=False)
