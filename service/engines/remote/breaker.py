"""A circuit breaker: a server that keeps failing is left alone for a while, then tried out.

The watch tells whether a server is there. This tells whether what is asked of it comes to
anything: a server may list its models, and fail at every list.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from service.engines.remote.outcome import FAILURES, SUCCESSES, Outcome
from service.engines.remote.server_errors import NotAsked

WINDOW_S: Final = 30.0
"""How far back calls count."""

LEAST: Final = 10
"""Calls in the window below which nothing is concluded."""

SHARE: Final = 0.5
"""Part of them that failed, from which on the server is left alone."""

PAUSE_S: Final = 1.0
"""How long, the first time; twice as long each further time."""

LONGEST_PAUSE_S: Final = 30.0

JITTER: Final = 0.25
"""Part by which a pause varies, so that several gateways do not try a server out together."""

PROBES: Final = 3
"""How many calls try it out at once, and how many must succeed."""

FAILING: Final = "most of what the model's server was asked of late has failed"


class State(IntEnum):
    """As Prometheus is told."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Resting(NotAsked):
    """The server is left alone."""


class Breaker:
    """For one model at one server: an adapter that fails says nothing of the model below it."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._clock = clock
        self._draw = draw
        self._calls: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._until: float | None = None
        """The end of the pause; None while it is closed."""
        self._closed = -WINDOW_S
        self._pause = PAUSE_S
        self._probing = 0
        self._passed = 0
        self.opened = 0
        """How often it has."""

    @property
    def state(self) -> State:
        """Whether calls pass: all, a few, or none."""
        if self._until is None:
            return State.CLOSED
        return State.OPEN if self._clock() < self._until else State.HALF_OPEN

    @property
    def trouble(self) -> str | None:
        """Why not every call passes."""
        return None if self._until is None else FAILING

    def check(self) -> None:
        """Resting if no call may pass now."""
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._probing >= PROBES):
            raise Resting(FAILING)

    def enter(self) -> int | None:
        """A call passes, or Resting. What it must be left with."""
        self.check()
        if self._until is None:
            return None
        self._probing += 1
        return self.opened

    def leave(self, trial: int | None, outcome: Outcome) -> None:
        """A call that passed has come to this."""
        if trial is not None:
            self._probing -= 1
            if trial == self.opened and self._until is not None:
                self._tried(outcome)
        elif self._until is None:
            self._count(outcome)

    def _tried(self, outcome: Outcome) -> None:
        if outcome in FAILURES:
            self._open()
        elif outcome in SUCCESSES:
            self._passed += 1
            if self._passed >= PROBES:
                self._close()

    def _count(self, outcome: Outcome) -> None:
        if outcome not in FAILURES and outcome not in SUCCESSES:
            return
        now, failed = self._clock(), outcome in FAILURES
        self._calls.append((now, failed))
        self._failed += failed
        while self._calls[0][0] < now - WINDOW_S:
            self._failed -= self._calls.popleft()[1]
        if failed and len(self._calls) >= LEAST and self._failed >= SHARE * len(self._calls):
            self._open()

    def _open(self) -> None:
        now = self._clock()
        again = self._until is not None or now - self._closed < WINDOW_S
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S) if again else PAUSE_S
        self._until = now + self._pause * self._draw(1 - JITTER, 1 + JITTER)
        self._passed = 0
        self.opened += 1
        self._forget()

    def _close(self) -> None:
        self._until, self._closed = None, self._clock()
        self._forget()

    def _forget(self) -> None:
        self._calls.clear()
        self._failed = 0
