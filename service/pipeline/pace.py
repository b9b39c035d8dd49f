"""How fast the engine has been of late, so that `auto` asks it only for what can be in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from service.errors import EngineLate
from service.ports import Deadline, Decoding, Engine, Weighed

MEMORY: Final = 0.8
"""Share of the past that each new observation leaves standing."""

LONGER: Final = 2.0
"""What came too late is taken to need so much more than was waited; nobody knows how much."""

BEYOND: Final = 2.0
"""How much larger than usual a prompt may be for what is known to be scaled up."""

HALF_LIFE_S: Final = 10.0
"""Seconds without news after which half of an estimate is believed.

`auto` learns nothing from an engine it does not ask: an estimate that never aged would keep it
from asking again.
"""


class Pace:
    """Moving averages of the engine's own seconds: before the first choice, for each item, in all.

    What comes before the first choice is mostly the reading of the prompt, in proportion to its
    size. Where prompts differ much, sizes say so; where none is told, all count alike. Of prompts
    much larger than those known nothing is said for sure: some of the time is not for reading.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._to_first: float | None = None  # for each unit of size
        self._size: float | None = None
        self._per_item: float | None = None
        self._in_all: float | None = None
        self._count = 0.0
        self._heard = clock()

    def note(self, decoding: Decoding, size: float = 1.0) -> None:
        """Learn from a decode; one that never came to a choice says nothing of the pace."""
        to_first = decoding.seconds_to_first
        if to_first is None:
            return
        trust = MEMORY * self._believed()
        self._read(to_first, size, trust)
        if decoding.rows:
            writing = max(0.0, decoding.seconds - to_first)
            self._per_item = _moved(self._per_item, writing / len(decoding.rows), trust)
        self._hear(decoding.seconds, trust)

    def weighed(self, weighed: Weighed) -> None:
        """Learn from a reading of candidates; one that was remembered says nothing of the pace."""
        if weighed.passes:
            trust = MEMORY * self._believed()
            self._read(weighed.seconds, 1.0, trust)
            self._hear(weighed.seconds, trust)

    def late(self, waited: float, size: float = 1.0) -> None:
        """Learn from a decode that was waited for in vain: its first choice takes longer still.

        Where it is known to take that long anyway, that is no news.
        """
        seconds = LONGER * waited
        if seconds > self.expected(0, size):
            trust = MEMORY * self._believed()
            self._read(seconds, size, trust)
            self._hear(seconds, trust)

    def expected(self, items: int, size: float = 1.0) -> float:
        """Seconds a list of this length may take; 0 while nothing is known."""
        known = min(size, BEYOND * (self._size or 0.0))
        seconds = known * (self._to_first or 0.0) + items * (self._per_item or 0.0)
        return seconds * self._believed()

    @property
    def usual(self) -> float:
        """Seconds that one took in all, whatever its length and size; 0 while nothing is known."""
        return (self._in_all or 0.0) * self._believed()

    @property
    def recent(self) -> float:
        """How much was learnt of late: each observation counts less as it ages."""
        return self._count * self._believed()

    def _hear(self, seconds: float, trust: float) -> None:
        self._in_all = _moved(self._in_all, seconds, trust)
        self._count = self.recent + 1.0
        self._heard = self._clock()

    def _read(self, seconds: float, size: float, trust: float) -> None:
        self._to_first = _moved(self._to_first, seconds / size, trust)
        self._size = _moved(self._size, size, trust)

    def _believed(self) -> float:
        """How much of what was learnt still counts."""
        age = self._clock() - self._heard
        return float(0.5 ** (age / HALF_LIFE_S))


def usual(*kinds: Pace) -> float:
    """Seconds that one request takes an engine, by those of late of every kind."""
    recent = sum(pace.recent for pace in kinds)
    return sum(pace.recent * pace.usual for pace in kinds) / recent if recent else 0.0


def needed(pace: Pace, engine: Engine, items: int, *, each: float, size: float = 1.0) -> float:
    """Seconds until a new list would be there; those who wait already take so long each."""
    return pace.expected(items, size) + engine.ahead() * each


def refuse_if_late(
    pace: Pace, engine: Engine, items: int, deadline: Deadline, size: float = 1.0
) -> None:
    """Shed now what would be late anyway."""
    expected = needed(pace, engine, items, each=pace.usual, size=size)
    if expected > deadline.remaining():
        message = f"it would need about {expected:.1f} s, more than the deadline leaves"
        raise EngineLate(message)


def _moved(past: float | None, seen: float, trust: float) -> float:
    return seen if past is None else trust * past + (1 - trust) * seen
