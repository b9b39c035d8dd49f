"""How often a call is said, and when again: never longer than its deadline, whatever comes.

A generator that says what to do next, and is told what came of it. So there is one of it for both
clients, and a test needs neither a network nor time.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import httpx

from listwright.calls import Call
from listwright.errors import ConnectionFailed, ListwrightApiError, TimedOut, error_of
from listwright.reply import Reply

NEVER_HEARD: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The request was not even sent."""

TURNED_AWAY: Final = frozenset({429, 503})
"""It was heard, and nothing was done."""

PERHAPS_DONE: Final = frozenset({502, 504})
"""A proxy lost the answer; what it was to is not known."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on."""

    seconds: float = 30.0
    """For all tries of a call together, and the pauses between them."""
    tries: int = 4
    pause: float = 0.25
    """At most so many seconds before the second try, and twice as many before each next."""
    longest_pause: float = 8.0
    clock: Callable[[], float] = time.monotonic
    dice: Callable[[float, float], float] = random.uniform

    def __post_init__(self) -> None:
        lasting(self.seconds)
        if not (0 <= self.pause < math.inf and 0 <= self.longest_pause < math.inf):
            raise ValueError("pauses are seconds, 0 or more")
        if self.tries < 1:
            raise ValueError("one try is the least there can be")


@dataclass(frozen=True, slots=True)
class Send:
    """Send it, and stop waiting at a time by the clock."""

    until: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for a while."""

    seconds: float


Step: TypeAlias = Send | Pause
Outcome: TypeAlias = Reply | httpx.HTTPError | None


def lasting(seconds: object) -> float:
    """The same; ValueError or TypeError where a call could not go on so long."""
    if not isinstance(seconds, int | float):
        raise TypeError(f"seconds to go on are a number, got a {type(seconds).__name__}")
    if not 0 < seconds < math.inf:
        raise ValueError(f"seconds to go on are more than 0 and end, got {seconds}")
    return seconds


def tries(call: Call[Any], patience: Patience) -> Generator[Step, Outcome, Reply]:
    """Say a call until it is answered, cannot be, or has taken too long."""
    until = patience.clock() + lasting(call.options.get("timeout", patience.seconds))
    for number in range(1, patience.tries + 1):
        came = yield Send(until)
        if isinstance(came, Reply) and _is_answer(call, came):
            return came
        error = _error(came)
        pause = _pause(number, error, patience)
        last = number == patience.tries or patience.clock() + pause >= until
        if last or not _may_be_said_again(call, came):
            raise error
        yield Pause(pause)
    raise AssertionError("the last try raises")


def _is_answer(call: Call[Any], came: Reply) -> bool:
    """Whether the service said it: a 503 may be an answer of its own, and a proxy's is an error."""
    if came.status not in call.taken:
        return False
    if came.status not in TURNED_AWAY:
        return True
    try:
        call.read(came)
    except ListwrightApiError:
        return False
    return True


def _may_be_said_again(call: Call[Any], came: Outcome) -> bool:
    if isinstance(came, Reply):
        return came.status in TURNED_AWAY or (call.repeatable and came.status in PERHAPS_DONE)
    if isinstance(came, NEVER_HEARD):
        return True
    lost = isinstance(came, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError)
    return call.repeatable and lost


def _error(came: Outcome) -> ListwrightApiError:
    if isinstance(came, Reply):
        return error_of(came.status, came.headers, came.body)
    return lost(came)


def lost(came: object) -> ConnectionFailed:
    """What to raise where nobody answered. httpx's words name hosts and headers, so ours do not."""
    if isinstance(came, httpx.TimeoutException):
        return TimedOut("no answer before the deadline", code="timed_out")
    if isinstance(came, NEVER_HEARD):
        return ConnectionFailed(
            "the service cannot be reached", "Is it running, and the url right?"
        )
    return ConnectionFailed(f"the connection broke off ({type(came).__name__})")


def _pause(number: int, error: ListwrightApiError, patience: Patience) -> float:
    """Anything up to a bound that doubles: those that failed together do not come together again.

    Whoever is told to wait waits as long, and then some of that.
    """
    most = min(patience.longest_pause, patience.pause * 2 ** (number - 1))
    return (error.retry_after or 0.0) + patience.dice(0.0, most)
