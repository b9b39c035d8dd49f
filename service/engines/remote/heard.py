"""What a reply has come to, so far or in the end, and what that says of the server."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from service.engines.remote.breaker import Resting
from service.engines.remote.firsts import Firsts
from service.engines.remote.outcome import Outcome
from service.engines.remote.server_errors import NotAsked, Refused, Unready, Unweighed
from service.engines.remote.silence import Pulse
from service.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLate,
    EngineTimeout,
    PromptTooLong,
)

LATE: Final = "the deadline came"

SERVERS_FAULT: Final = 500
"""The least status by which a server says that it failed itself."""

_OUTCOMES: Final[tuple[tuple[type[EngineError], Outcome], ...]] = (
    (EngineTimeout, Outcome.TIMEOUT),
    (Unready, Outcome.UNREADY),
    (EngineBusy, Outcome.BUSY),
    (NotAsked, Outcome.ABANDONED),
    (Unweighed, Outcome.OK),
    (PromptTooLong, Outcome.REFUSED),
)
"""The first that fits counts; the rest is failed."""


@dataclass(slots=True)
class Heard:
    """What a reply has come to, so far or in the end."""

    complete: bool = False
    """Whether all that was asked for has been told."""
    tokens: int = 0
    prompt: int | None = None
    """Tokens that were sent, where that is known."""
    to_first: float | None = None
    began: float = field(default_factory=time.perf_counter)
    asked: bool = False
    """Whether the server was."""
    begun: bool = False
    """Whether anything of the reply itself has come."""
    ended: bool = False
    stopped: str | None = None
    """What ended it too soon."""
    error: EngineError | None = None
    """The error which that was, if it was one."""
    pulse: Pulse = field(default_factory=Pulse)

    def begin(self) -> None:
        """The server is about to be asked; what was waited before does not count."""
        self.began, self.asked = time.perf_counter(), True
        self.pulse.beat()

    def count(self, tokens: int) -> None:
        """Note that tokens came."""
        if self.to_first is None:
            self.to_first = time.perf_counter() - self.began
        self.tokens += tokens

    def end(self, stopped: str | None, error: EngineError | None = None) -> None:
        """Note what ended it. What goes wrong after all was there has cost nothing."""
        self.ended = True
        if not self.complete:
            self.stopped, self.error = stopped, error

    def nothing(self, what: str) -> EngineError:
        """The error for a reply of which not one line, or word, has come."""
        if self.error is not None:
            return self.error
        if self.stopped == LATE:
            return EngineTimeout(f"{LATE} before the first {what}")
        return EngineFailed(self.stopped or f"the reply of the model's server has no {what}")

    @property
    def seconds(self) -> float:
        """Since the server was asked."""
        return time.perf_counter() - self.began

    def outcome(self, firsts: Firsts, *, placed: bool) -> Outcome:
        """What came of it, where first tokens usually take as long as that.

        `placed`: whether there was a place at the server for it.
        """
        if not self.ended:
            return Outcome.ABANDONED
        if not self.asked:
            return Outcome.ABANDONED if placed else self._unplaced()
        if self.error is not None:
            return _outcome_of(self.error)
        if self.stopped != LATE:
            return Outcome.OK
        if self.tokens:
            return Outcome.LATE
        return Outcome.TIMEOUT if firsts.fair(self.seconds) else Outcome.ABANDONED

    def _unplaced(self) -> Outcome:
        if isinstance(self.error, Resting):
            return Outcome.OPEN
        full = self.stopped == LATE or isinstance(self.error, EngineBusy | EngineLate)
        return Outcome.FULL if full else Outcome.ABANDONED


def _outcome_of(error: EngineError) -> Outcome:
    """By its kind alone. What a server refuses may well be the fault of who asks."""
    if isinstance(error, Refused) and error.answered < SERVERS_FAULT:
        return Outcome.REFUSED
    return next((what for kind, what in _OUTCOMES if isinstance(error, kind)), Outcome.FAILED)
