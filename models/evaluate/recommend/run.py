"""Every request of every task under every row, each list kept once it is there."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from models.evaluate.ledger import Key, Ledger
from models.evaluate.recommend.listed import Listed, ListedForm
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.summary import Lists
from models.evaluate.recommend.tasks import Posed, Task
from models.evaluate.running import How, run


async def run_rows(posed: Mapping[Task, Sequence[Posed]], rows: Sequence[Row], how: How) -> Lists:
    """All lists, row by row: rows do not disturb each other's times."""
    kept = Ledger(ListedForm(), how.keep)
    lists: dict[Task, dict[str, list[Listed]]] = {task: {} for task in posed}
    for row in rows:
        for task, asked in posed.items():
            if task in row.tasks:
                lists[task][row.name] = await _run(asked, row, task, kept, how)
    return lists


async def _run(
    asked: Sequence[Posed], row: Row, task: Task, kept: Ledger[Listed], how: How
) -> list[Listed]:
    keys = [Key(row.name, row.stamp, each.digest) for each in asked]
    tasks = {key: partial(_listed, row, each) for key, each in zip(keys, asked, strict=True)}
    await run(f"{row.name}, {task}", tasks, kept, how)
    return [kept[key] for key in keys]


async def _listed(row: Row, posed: Posed) -> Listed:
    began = time.perf_counter()
    try:
        listed = await row.make(posed)
    except Exception as error:  # noqa: BLE001 - told in the table, and the next list is made
        listed = Listed(failure=f"{type(error).__name__}: {error}")
    return replace(listed, seconds=listed.seconds or time.perf_counter() - began)
