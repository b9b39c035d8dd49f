"""One user's events in the order of time, the newest only, whatever order they come in."""

from __future__ import annotations

from bisect import insort

from service.domain import Event
from service.ports import Recorded


class Timeline:
    """The newest events of a user; those of one millisecond stand in the order of their ids."""

    def __init__(self) -> None:
        self._events: list[tuple[int, str, str]] = []
        self._ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._events)

    def items(self) -> tuple[str, ...]:
        """Item ids, oldest first."""
        return tuple(item for _, _, item in self._events)

    def add(self, event: Event, most: int) -> Recorded:
        """Put an event where it belongs; the oldest makes room for it."""
        if event.id in self._ids:
            return Recorded(known=1)
        insort(self._events, (event.at, event.id, event.item_id))
        self._ids.add(event.id)
        if len(self._events) <= most:
            return Recorded(new=1)
        _, oldest, _ = self._events.pop(0)
        self._ids.remove(oldest)
        return Recorded(late=1) if oldest == event.id else Recorded(new=1)
