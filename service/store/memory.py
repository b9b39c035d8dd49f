"""Histories as the catalogue was built with: read-only, in the process, for one machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Remembered(Protocol):
    """Histories by user."""

    def history(self, user_id: str) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen."""
        ...

    def sample(self, limit: int) -> tuple[str, ...]:
        """Up to `limit` users, always the same ones."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """Implements ports.HistoryStore over histories at hand."""

    remembered: Remembered

    async def history(self, user_id: str) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen."""
        return self.remembered.history(user_id)

    def users(self, limit: int) -> tuple[str, ...]:
        """Some users to show, always the same ones."""
        return self.remembered.sample(limit)
