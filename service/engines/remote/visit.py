"""One call on its way to a server: what lets it pass there, and what it tells of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.engines.remote.breaker import Breaker
from service.engines.remote.heard import Heard
from service.engines.remote.places import Place
from service.engines.remote.server_errors import NotAsked
from service.engines.remote.upstream import Upstream
from service.engines.remote.watch import Watch
from service.ports import Deadline


class Visit:
    """Made for one call, and told how that ended."""

    def __init__(self, upstream: Upstream, breaker: Breaker, watch: Watch) -> None:
        self._upstream, self._breaker, self._watch = upstream, breaker, watch
        self._place: Place | None = None
        self._trial: int | None = None

    @asynccontextmanager
    async def admitted(self, deadline: Deadline) -> AsyncIterator[None]:
        """While the server may be asked; EngineError if it may not, or not in time."""
        self._breaker.check()
        async with self._upstream.places.one(deadline) as place:
            # While this waited it may have been found to hang, or to fail.
            if self._watch.standing.trouble is not None:
                raise NotAsked(self._watch.standing.trouble)
            self._trial = self._breaker.enter()
            self._place = place
            self._upstream.earn()
            yield

    def end(self, heard: Heard) -> None:
        """Learn from what it has come to."""
        outcome = self._upstream.note(heard, self._place)
        if self._place is not None:
            self._breaker.leave(self._trial, outcome)
