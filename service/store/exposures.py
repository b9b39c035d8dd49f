"""Lists that were handed out, and what became of their items, as long as the process runs."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from service.domain import Exposure, Feedback

KEPT_S: Final = 7 * 86_400.0
"""People come back to what they were shown."""

MOST: Final = 100_000
"""Lists that the process remembers; about 120 MB if each has a hundred items."""

SIDE_BY_SIDE: Final = 16
"""Lists of one request that are remembered: a page may show several under one id. What is said goes
with the list that was the latest then: else one id for all would keep all that is ever said."""


@dataclass(slots=True)
class _Handed:
    exposure: Exposure
    said: set[Feedback] = field(default_factory=set)
    """While it was the latest, whichever list it was about."""


@dataclass(slots=True)
class _Kept:
    lists: deque[_Handed] = field(default_factory=lambda: deque(maxlen=SIDE_BY_SIDE))
    """The latest first."""
    until: float = 0.0


@dataclass(slots=True)
class MemoryExposures:
    """Implements ports.ExposureStore; the oldest goes first."""

    most: int = MOST
    seconds: float = KEPT_S
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str], _Kept] = field(default_factory=OrderedDict)
    _count: int = 0
    """Of all lists."""

    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        """Remember a list for a while."""
        kept = self._found(tenant, request_id) or _Kept()
        kept.until = self.clock() + self.seconds
        self._drop(self._kept.pop((tenant, request_id), None))
        kept.lists.appendleft(_Handed(exposure))
        self._kept[tenant, request_id] = kept
        self._count += len(kept.lists)
        while self._count > self.most:
            self._drop(self._kept.popitem(last=False)[1])

    async def exposed(self, tenant: str, request_id: str) -> tuple[Exposure, ...]:
        """The lists of a request that are remembered, the latest first."""
        kept = self._found(tenant, request_id)
        return () if kept is None else tuple(each.exposure for each in kept.lists)

    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...] | None:
        """Remember feedback with the list; those that are new. None: there is no such request."""
        kept = self._found(tenant, request_id)
        if kept is None:
            return None
        known = set[Feedback]().union(*(each.said for each in kept.lists))
        new = tuple(each for each in dict.fromkeys(feedback) if each not in known)
        kept.lists[0].said.update(new)
        return new

    def _drop(self, kept: _Kept | None) -> None:
        self._count -= 0 if kept is None else len(kept.lists)

    def _found(self, tenant: str, request_id: str) -> _Kept | None:
        kept = self._kept.get((tenant, request_id))
        return kept if kept is not None and kept.until > self.clock() else None
