"""Places at a server: so many requests side by side, so many waiting, the rest is told at once."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from service.engines.remote.limit import EASED, Limit
from service.engines.remote.outcome import CROWDED, Outcome
from service.engines.remote.server_errors import NotAsked
from service.errors import EngineBusy, EngineLate
from service.ports import Deadline

MEMORY: Final = 0.8
"""Share of the past that each call leaves standing of how long a place is held."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was had."""

    generation: int
    """Of the limit that it was had under."""
    last: bool
    """Whether there was no other."""


class Places:
    """Counts who is being served and who waits. Who came first is served first."""

    def __init__(
        self, concurrent: int, queue: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = Limit(concurrent)
        self._room = queue
        self._clock = clock
        self._turns: deque[asyncio.Future[None]] = deque()
        self._held = 0.0
        self.running = 0

    @asynccontextmanager
    async def one(self, deadline: Deadline) -> AsyncIterator[Place]:
        """A place, waited for if need be; EngineBusy or EngineLate where that is in vain."""
        if self.running < self.limit and not self._turns:
            self.running += 1
        else:
            self._refuse_if_late(deadline)
            await self._turn()
        began = self._clock()
        asked = True
        try:
            yield Place(self._limit.generation, last=self.running >= self.limit)
        except NotAsked:
            # Many go so at once, which says nothing of how long the next will wait.
            asked = False
            raise
        finally:
            if asked:
                self._held = MEMORY * self._held + (1 - MEMORY) * (self._clock() - began)
            self.running -= 1
            self._call_next()

    def note(self, place: Place, outcome: Outcome, *, slow: bool) -> None:
        """Learn from what came of a call how many the server can be asked at once."""
        if outcome in CROWDED:
            self._limit.cut(place.generation)
        elif slow:
            self._limit.cut(place.generation, EASED)
        elif outcome is Outcome.OK and place.last:
            self._limit.grow()
            self._call_next()

    @property
    def limit(self) -> int:
        """How many are served side by side now."""
        return self._limit.now

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._turns)

    def ahead(self) -> float:
        """How many requests a new one would have to wait for; none while there are free places."""
        return max(0, self.running + self.waiting + 1 - self.limit) / self.limit

    def _refuse_if_late(self, deadline: Deadline) -> None:
        if self.waiting >= self._room:
            message = f"{self._room} requests are waiting already"
            raise EngineBusy(message)
        if self.waiting * self._held / self.limit > deadline.remaining():
            raise EngineLate("its turn would come after the deadline")

    async def _turn(self) -> None:
        """Wait for a place that is handed over."""
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._turns:
                self._turns.remove(turn)
            elif not turn.cancelled():
                # It was handed over to somebody who has just gone.
                self.running -= 1
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._turns and self.running < self.limit:
            turn = self._turns.popleft()
            if not turn.cancelled():
                self.running += 1
                turn.set_result(None)
