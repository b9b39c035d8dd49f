"""What a step tells while it works: how far it is, and its figures so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from rich.console import Console

from service.cli.progress import Figures, progress


@dataclass(frozen=True, slots=True)
class Moment:
    """This much of a stage is done."""

    stage: str
    done: int
    total: int
    figures: Figures = field(default_factory=dict)


Telling: TypeAlias = Callable[[Moment], None]


def silently(_moment: Moment) -> None:
    """For whoever only waits for the end."""


@contextmanager
def shown(console: Console) -> Iterator[Telling]:
    """A bar a stage in a terminal, a line now and then elsewhere."""
    with progress(console) as report:
        yield lambda moment: report(moment.stage, moment.done, moment.total, moment.figures)
