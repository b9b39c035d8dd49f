"""What came of one request, and what a phase excuses of it: who is turned away, and has to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from loadtest.traffic.asks import Kind

OK: Final = 200
TOO_MANY: Final = 429
UNAVAILABLE: Final = 503
SHED: Final = frozenset({TOO_MANY, UNAVAILABLE})

STORE_AWAY: Final = "store_unavailable"
TOO_OFTEN: Final = "rate_limited"
BUSY: Final = "overloaded"
"""The service's words for it."""

SOON_S: Final = 1.0
"""For so long after the end of a fault it is excused that the store is taken for ill."""


class Excuse(StrEnum):
    """For what a phase excuses that somebody is turned away."""

    NOTHING = "nothing"
    STORE = "store"
    """What needs the store, while it is ill."""
    GATEWAY = "gateway"
    """There is no gateway to answer."""
    LIMIT = "limit"
    """The key asks more often than it may."""
    LOAD = "load"
    """More is asked than can be done."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a fault began and when it was mended, by the clock that all processes share."""

    began: float
    ended: float

    @property
    def lasted(self) -> bool:
        """Whether there was anything that could be met."""
        return self.began < self.ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request; milliseconds count from when it was to be sent."""

    kind: Kind
    status: int | None
    """None: there was no answer."""
    milliseconds: float
    lag_ms: float
    """How much later than it was to be it was sent."""
    wrong: Sequence[str] = ()
    code: str | None = None
    """Why it was shed, in the service's word."""
    path: str | None = None
    degraded: bool = False
    thought: bool = False
    """Whether a small model had a part in it."""
    catalogue: str | None = None
    """The version that a list is of, by its receipt."""
    due: float = 0.0
    """When it was to be sent."""
    needs_store: bool = False
    """Whether nothing right can be said to it without what is remembered."""

    def met(self, window: Window | None, grace: float = 0.0) -> bool:
        """Whether it was under way while a fault lasted, or came so soon after it."""
        if window is None:
            return False
        return self.done >= window.began and self.due <= window.ended + grace

    @property
    def done(self) -> float:
        """When it was answered, or given up."""
        return self.due + self.milliseconds / 1e3


def excused(one: Outcome, excuse: Excuse, window: Window | None) -> bool:
    """Whether a request that was turned away, or not answered, had to be."""
    match excuse:
        case Excuse.NOTHING:
            return False
        case Excuse.STORE:
            said = one.status == UNAVAILABLE and one.code == STORE_AWAY
            return said and one.needs_store and one.met(window, SOON_S)
        case Excuse.GATEWAY:
            return one.status is None and one.met(window)
        case Excuse.LIMIT:
            return one.status == TOO_MANY and one.code == TOO_OFTEN
        case Excuse.LOAD:
            return one.status == UNAVAILABLE
