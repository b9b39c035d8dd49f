"""One user's events in the order of time, the newest only, whatever order they come in."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence

from service.domain import Event, User
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

    def add(self, events: Sequence[Event], most: int) -> Recorded:
        """Put events where they belong; the oldest of all make room for them."""
        fresh: set[str] = set()
        for event in events:
            if event.id not in self._ids:
                insort(self._events, (event.at, event.id, event.item_id))
                self._ids.add(event.id)
                fresh.add(event.id)
        over = max(0, len(self._events) - most)
        gone = {event_id for _, event_id, _ in self._events[:over]}
        del self._events[:over]
        self._ids -= gone
        late = len(gone & fresh)
        return Recorded(len(fresh) - late, len(events) - len(fresh), late)


def by_user(events: Sequence[Event]) -> dict[User, list[Event]]:
    """The events of each user, in the order in which they came."""
    found: defaultdict[User, list[Event]] = defaultdict(list)
    for event in events:
        found[event.user].append(event)
    return found
