"""The run: every task under every row, a few at a time, each outcome kept once it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from models.evaluate.ledger import Kept, Key
from service.cli.progress import Report

T = TypeVar("T")

Do: TypeAlias = Callable[[], Awaitable[T]]
"""Carries out one task. What goes wrong is part of the outcome: it does not raise."""


def _silent(stage: str, done: int, total: int) -> None:
    """For whoever waits for the end."""


@dataclass(frozen=True, slots=True)
class How:
    """How a run is made."""

    report: Report = _silent
    concurrency: int = 1
    """How many tasks are under way at once."""
    keep: Path | None = None
    """A file of outcomes: what it holds is not asked again, save what is worth another try."""


async def run(stage: str, tasks: Mapping[Key, Do[T]], kept: Kept[T], how: How) -> None:
    """See to it that there is an outcome for every key."""
    waiting = [(key, do) for key, do in tasks.items() if kept.get(key) is None]
    there, total = len(tasks) - len(waiting), len(tasks)
    how.report(stage, there, total)
    queue = iter(waiting)

    async def work() -> None:
        nonlocal there
        for key, do in queue:
            kept.add(key, await do())
            there += 1
            how.report(stage, there, total)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(max(how.concurrency, 1), len(waiting))):
            group.create_task(work())
