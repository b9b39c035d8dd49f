"""Every request of a task under every row, each list handed over once it is there, and let go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from models.evaluate.ledger import Journal, Key
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.metrics import Lookup, counts
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.summary import Answers
from models.evaluate.recommend.tally import Group, Tally
from models.evaluate.recommend.tasks import Posed, Task
from models.evaluate.running import How, run

Take: TypeAlias = Callable[[int, Listed], None]
"""Is handed the list of the request in a place."""


@dataclass(frozen=True, slots=True)
class _Handing:
    """The lists of a journal and those added to it, each handed over as it comes."""

    journal: Journal[Listed]
    places: Mapping[Key, int]
    take: Take

    def get(self, key: Key) -> Listed | None:
        """The list that was kept, unless it is worth another try."""
        found = self.journal.get(key)
        if found is not None:
            self.take(self.places[key], found)
        return found

    def add(self, key: Key, outcome: Listed) -> None:
        """Keep a list."""
        self.journal.add(key, outcome)
        self.take(self.places[key], outcome)


@dataclass(frozen=True, slots=True)
class Asking:
    """All that it takes to ask."""

    rows: Sequence[Row]
    item: Lookup
    kept: Journal[Listed]
    how: How
    numbers: dict[str, int] = field(default_factory=dict)
    """Of users, as they come: the same in every task."""

    async def answers(self, task: Task, asked: Sequence[Posed]) -> Answers:
        """What came of a task's requests, row by row: rows do not disturb each other's times."""
        rows = {
            row.name: await self._row(task, asked, row) for row in self.rows if task in row.tasks
        }
        return Answers(Group.of(asked, self.numbers), rows)

    async def _row(self, task: Task, asked: Sequence[Posed], row: Row) -> Tally:
        tally = Tally(len(asked))

        def take(place: int, listed: Listed) -> None:
            tally.take(place, counts(asked[place], listed, self.item), listed)

        keys = [Key(row.name, row.stamp, each.digest) for each in asked]
        handing = _Handing(self.kept, {key: place for place, key in enumerate(keys)}, take)
        todo = {key: partial(_listed, row, each) for key, each in zip(keys, asked, strict=True)}
        await run(f"{row.name}, {task}", todo, handing, self.how)
        return tally


async def _listed(row: Row, posed: Posed) -> Listed:
    began = time.perf_counter()
    try:
        listed = await row.make(posed)
    except Exception as error:  # noqa: BLE001 - told in the table, and the next list is made
        listed = Listed(failure=f"{type(error).__name__}: {error}")
    return replace(listed, seconds=listed.seconds or time.perf_counter() - began)
