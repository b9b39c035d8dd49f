"""How many requests are let in at once: fewer when they wait for this process, then more again.

One thread reads, plans and answers all requests in turn. What has too much to do shows it by
coming late to everything, so how late a timer is tells how long each step of each request waits.
That is known a moment after it is too late. So it is also counted how much of this thread's time is
let in, by what requests have taken of late: no more than there is, and a little at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STEPS: Final = 6
"""So many times a request waits for this thread: timers may be late by that part of its wait."""

LOOKS: Final = 4
"""Timers of which the least late one counts: a single long step is no overload."""

HARDEST: Final = 0.5
EASIEST: Final = 0.9
"""What is left of the limit when all of them were too late: the less, the later they were."""

GROWTH: Final = 0.05
"""Part of the most that the limit grows by when none waits and it is reached."""

LEAST: Final = 8
"""So few are always let in: fewer would leave time unused, since each waits for others as well."""

REFILL: Final = 1.1
"""Work that is let in for each second, in seconds: a little more than there is, since what a
request costs is a guess, and its limit tells better whether it is too much."""

COST_S: Final = 0.002
"""What a request is taken to be of it before one is known."""

KEPT: Final = 0.8
"""Part of what is known of costs that a round of looks leaves standing."""

SURE: Final = 5.0
"""As if so many requests had cost what the first are taken to."""


class Valve:
    """Additive increase, multiplicative decrease, between a few and the most."""

    def __init__(
        self,
        most: int,
        wait: float = 0.5,
        worked: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wait`: seconds that a request may wait for this thread in all.

        `worked`: seconds that the thread of all requests has computed so far.
        """
        self._most = most
        self._burst = wait
        self._target = wait / STEPS
        self._least = float(min(LEAST, most))
        self._at = float(most)
        self._late: list[float] = []
        self._peak = 0
        self._running = 0
        self._passed = 0
        """How often one has come in or is done: most of what it takes is either first or last."""
        self._worked = worked
        self._clock = clock
        self._room = self._burst
        self._filled = clock()
        self._before, self._spent = worked(), 0.0
        self._work, self._requests = SURE * COST_S, SURE

    @property
    def limit(self) -> int:
        """How many are let in at once now."""
        return int(self._at)

    @property
    def running(self) -> int:
        """How many are being worked on."""
        return self._running

    @property
    def full(self) -> bool:
        """Whether another would be one too many."""
        return self._running >= self._least and (
            self._running >= self.limit or self._filled_up() < self.cost
        )

    @property
    def cost(self) -> float:
        """Seconds of this thread that a request takes, and those that are refused beside it."""
        return min(self._work / self._requests, self._burst)

    def enter(self) -> None:
        """One more."""
        self._room = max(0.0, self._filled_up() - self.cost)
        self._passed += 1
        self.back()

    def leave(self) -> None:
        """One less: it is answered."""
        self._passed += 1
        self.away()

    def back(self) -> None:
        """One that was away is there again."""
        if not self._running:
            # What was done while there was none is no request's.
            self._before = self._worked()
        self._running += 1
        self._peak = max(self._peak, self._running)

    def away(self) -> None:
        """One is waited for, by nobody else."""
        self._running -= 1
        if not self._running:
            self._spend()

    def look(self, late: float) -> None:
        """A timer was so late."""
        self._late.append(late)
        if len(self._late) < LOOKS:
            return
        least = min(self._late)
        if least > self._target:
            left = min(max(self._target / least, HARDEST), EASIEST)
            self._at = max(self._least, min(self._at, self._peak) * left)
        elif self._peak >= self.limit:
            self._at = min(float(self._most), self._at + max(1.0, GROWTH * self._most))
        self._late.clear()
        self._peak = self._running
        self._learn()

    def _filled_up(self) -> float:
        """How much work may be let in now."""
        now = self._clock()
        self._room = min(self._burst, self._room + REFILL * (now - self._filled))
        self._filled = now
        return self._room

    def _spend(self) -> None:
        """Note what was done since the last time."""
        now = self._worked()
        self._spent += now - self._before
        self._before = now

    def _learn(self) -> None:
        """What a request costs, by all that was done since the last round."""
        if self._running:
            self._spend()
        # What is done while none comes or goes is no request's: else those that wait for a model
        # would seem to cost the more the longer they wait.
        if self._passed:
            self._work = KEPT * self._work + self._spent
            self._requests = KEPT * self._requests + self._passed / 2
        self._spent, self._passed = 0.0, 0
