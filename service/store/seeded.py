"""Histories that the catalogue was built with, and after them what came in since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain import DEFAULT_TENANT, Event, KnownUser, User
from service.ports import HistoryStore, Recorded


class Remembered(Protocol):
    """Histories by user, as they were when a catalogue was built."""

    def history(self, user_id: str) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen."""
        ...

    def sample(self, limit: int) -> tuple[str, ...]:
        """Up to `limit` users, always the same ones."""
        ...


@dataclass(frozen=True, slots=True)
class SeededHistories:
    """Implements ports.HistoryStore over what is remembered and a store of what comes in.

    A catalogue is built from a shop's own records, events that came in here among them: an item
    that both know of is told once, where it was met last.
    """

    remembered: Remembered
    live: HistoryStore
    tenant: str = DEFAULT_TENANT
    """Whose users the catalogue knows."""

    async def history(self, user: User) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen; StoreUnavailable."""
        since = await self.live.history(user)
        if user.tenant != self.tenant:
            return since
        before, again = self.remembered.history(user.id), frozenset(since)
        return (*(item for item in before if item not in again), *since) if since else before

    async def record(self, events: Sequence[Event]) -> Recorded:
        """Remember events; once this returns they are kept. StoreUnavailable: send them again."""
        return await self.live.record(events)

    async def forget(self, user: User) -> None:
        """Remove what came in of a user; what the catalogue knows leaves with the next build."""
        await self.live.forget(user)

    async def trouble(self) -> str | None:
        """Why histories cannot be read or would not last; None where all is well."""
        return await self.live.trouble()

    def users(self, limit: int) -> tuple[str, ...]:
        """Some users to show, always the same ones."""
        return self.remembered.sample(limit)

    def known(self, tenant: str, limit: int) -> tuple[KnownUser, ...]:
        """Some users of a tenant to show, with what the catalogue knows of them; the same ones."""
        if tenant != self.tenant:
            return ()
        return tuple(
            KnownUser(name, len(self.remembered.history(name))) for name in self.users(limit)
        )
