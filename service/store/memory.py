"""Histories kept in the process: for one machine, and only until it is restarted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from service.domain import Event, User
from service.errors import StoreUnavailable
from service.ports import Recorded
from service.store.timeline import Timeline, by_user

MOST_OF_A_USER: Final = 1_000
MOST_OF_ALL: Final = 5_000_000
"""About 2 GB: what has been taken in is never given up for what comes later."""


@dataclass(slots=True)
class MemoryHistories:
    """Implements ports.HistoryStore."""

    most: int = MOST_OF_A_USER
    most_of_all: int = MOST_OF_ALL
    _kept: defaultdict[User, Timeline] = field(default_factory=lambda: defaultdict(Timeline))
    _count: int = 0

    async def history(self, user: User) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen."""
        return self._kept[user].items() if user in self._kept else ()

    async def record(self, events: Sequence[Event]) -> Recorded:
        """Remember events; StoreUnavailable once as many are kept as there is room for."""
        if self._count + len(events) > self.most_of_all:
            raise StoreUnavailable(
                "there is no room for more events",
                hint="Keep histories in Redis: LISTWRIGHT_STORE__URL.",
            )
        total = Recorded()
        for user, theirs in by_user(events).items():
            timeline = self._kept[user]
            before = len(timeline)
            total += timeline.add(theirs, self.most)
            self._count += len(timeline) - before
        return total

    async def forget(self, user: User) -> None:
        """Remove all that came in of a user."""
        self._count -= len(self._kept.pop(user, Timeline()))

    async def trouble(self) -> str | None:
        """Always there."""
        return None
