"""Histories in Redis, which all gateways share: each call is one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain import Event, User
from service.ports import Recorded
from service.store.keys import Keys
from service.store.memory import MOST_OF_A_USER
from service.store.redis_calls import Call, Plain
from service.store.redis_scripts import HISTORY, RECORD
from service.store.redis_server import RedisServer
from service.store.timeline import by_user


@dataclass(frozen=True, slots=True)
class RedisHistories:
    """Implements ports.HistoryStore. Nothing here expires: only what is cached may be evicted."""

    server: RedisServer
    keys: Keys
    most: int = MOST_OF_A_USER

    async def history(self, user: User) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen; StoreUnavailable."""
        return tuple(await self.server.run(Call(HISTORY, self._keys(user))))

    async def record(self, events: Sequence[Event]) -> Recorded:
        """Remember events, of each user all or none; StoreUnavailable if some may not be kept."""
        self.server.watch.refuse_to_forget()
        calls = [self._record(*each) for each in by_user(events).items()]
        if len(calls) == 1:
            # Most are of one user: a task for it would take a third of the time of all this.
            return Recorded(*await self.server.run(calls[0]))
        done = await asyncio.gather(*map(self.server.run, calls))
        return sum((Recorded(*counts) for counts in done), Recorded())

    async def forget(self, user: User) -> None:
        """Remove all that came in of a user; StoreUnavailable."""
        await self.server.run(Plain(("DEL", *self._keys(user))))

    async def trouble(self) -> str | None:
        """Why histories cannot be read or would not last; None where all is well."""
        return await self.server.watch.trouble()

    def _record(self, user: User, events: Sequence[Event]) -> Call:
        told = [text for each in events for text in (each.id, each.at, each.item_id)]
        return Call(RECORD, self._keys(user), [self.most, *told])

    def _keys(self, user: User) -> list[str]:
        return [self.keys.times(user), self.keys.items(user)]
