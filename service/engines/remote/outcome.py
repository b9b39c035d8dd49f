"""What came of a call to a server, in one word: for breaker, limit and metrics alike."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """The words."""

    OK = "ok"
    LATE = "late"
    """The deadline came while it was answering."""
    TIMEOUT = "timeout"
    """It had fair time, and said nothing."""
    BUSY = "busy"
    """429: it is there, and has enough to do."""
    UNREADY = "unready"
    """503: full, not up yet, or a proxy with no server behind it."""
    FAILED = "failed"
    """It cannot be reached, breaks off, fails, or says what nobody can read."""
    REFUSED = "refused"
    """It is well, and does not take this request."""
    OPEN = "open"
    """Not asked: it failed too often of late."""
    FULL = "full"
    """Not asked: no place at it could be had in time."""
    ABANDONED = "abandoned"
    """Nobody waited for it, or not long enough to tell anything."""


SUCCESSES: Final = frozenset({Outcome.OK, Outcome.LATE})
FAILURES: Final = frozenset({Outcome.TIMEOUT, Outcome.UNREADY, Outcome.FAILED})
"""What speaks against a server. The others say nothing of it."""

CROWDED: Final = frozenset({Outcome.TIMEOUT, Outcome.UNREADY, Outcome.BUSY})
"""What a server does that is asked for too much at once."""
