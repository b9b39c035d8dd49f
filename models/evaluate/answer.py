"""The run: every question under every row, a few at a time, each outcome kept once it is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from models.evaluate.outcomes import Key, Outcome, Outcomes
from models.evaluate.questions import Asked
from models.evaluate.rows import Row
from service.cli.progress import Report

Run: TypeAlias = Mapping[str, Sequence[Outcome]]
"""By row, an outcome for each question, in the questions' order."""


def _silent(stage: str, done: int, total: int) -> None:
    """For whoever waits for the end."""


@dataclass(frozen=True, slots=True)
class How:
    """How a run is made."""

    report: Report = _silent
    concurrency: int = 1
    """How many questions are under way at once."""
    keep: Path | None = None
    """A file of outcomes: what it holds is not asked again, save failures and degraded answers."""


async def run_rows(asked: Sequence[Asked], rows: Sequence[Row], how: How) -> Run:
    """Answer all questions, row by row: rows do not disturb each other's times."""
    kept = Outcomes(how.keep)
    return {row.name: await _run(asked, row, kept, how) for row in rows}


async def _run(asked: Sequence[Asked], row: Row, kept: Outcomes, how: How) -> list[Outcome]:
    keys = [Key(row.name, row.stamp, each.digest) for each in asked]
    waiting = {key: each for key, each in zip(keys, asked, strict=True) if kept.get(key) is None}
    there, total = len(set(keys)) - len(waiting), len(set(keys))
    how.report(row.name, there, total)
    queue = iter(list(waiting.items()))

    async def work() -> None:
        nonlocal there
        for key, question in queue:
            kept.add(key, await _outcome(row, question))
            there += 1
            how.report(row.name, there, total)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(max(how.concurrency, 1), len(waiting))):
            group.create_task(work())
    return [kept[key] for key in keys]


async def _outcome(row: Row, question: Asked) -> Outcome:
    began = time.perf_counter()
    try:
        outcome = await row.answer(question)
    except Exception as error:  # noqa: BLE001 - told in the table, and the next question is asked
        outcome = Outcome("", failure=f"{type(error).__name__}: {error}")
    return replace(outcome, seconds=outcome.seconds or time.perf_counter() - began)
