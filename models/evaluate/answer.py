"""Every question under every row, each outcome kept once it is there."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from models.evaluate.ledger import Key, Ledger
from models.evaluate.outcomes import Outcome, OutcomeForm
from models.evaluate.questions import Asked
from models.evaluate.rows import Row
from models.evaluate.running import How, run

__all__ = ["How", "Run", "run_rows"]

Run: TypeAlias = Mapping[str, Sequence[Outcome]]
"""By row, an outcome for each question, in the questions' order."""


async def run_rows(asked: Sequence[Asked], rows: Sequence[Row], how: How) -> Run:
    """Answer all questions, row by row: rows do not disturb each other's times."""
    kept = Ledger(OutcomeForm(), how.keep)
    return {row.name: await _run(asked, row, kept, how) for row in rows}


async def _run(asked: Sequence[Asked], row: Row, kept: Ledger[Outcome], how: How) -> list[Outcome]:
    keys = [Key(row.name, row.stamp, each.digest) for each in asked]
    tasks = {key: partial(_outcome, row, each) for key, each in zip(keys, asked, strict=True)}
    await run(row.name, tasks, kept, how)
    return [kept[key] for key in keys]


async def _outcome(row: Row, question: Asked) -> Outcome:
    began = time.perf_counter()
    try:
        outcome = await row.answer(question)
    except Exception as error:  # noqa: BLE001 - told in the table, and the next question is asked
        outcome = Outcome("", failure=f"{type(error).__name__}: {error}")
    return replace(outcome, seconds=outcome.seconds or time.perf_counter() - began)
