"""A speller that is being made beside the decoding, and how long a step may wait for it."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from service.errors import SpellingError
from service.steering.assignment import Assignment
from service.steering.speller import Speller

MAKING_S: Final = 3.0
"""After a request has entered the batch its speller is waited for no longer than this.

Long, since many that enter at once are made one after another, and each is work that ends.
"""

PART_S: Final = 0.05

NOT_MADE: Final = "its speller was not made in time"


@dataclass(frozen=True, slots=True)
class Ready:
    """An assignment with a speller that has not begun, both made beside the decoding."""

    assignment: Assignment
    speller: Speller

    @classmethod
    def of(cls, assignment: Assignment) -> Ready:
        """The costly part of a start: what may come first is counted here."""
        return cls(assignment, assignment.speller())


def _soon() -> float:
    return monotonic() + MAKING_S


@dataclass(slots=True, weakref_slot=True)
class Making:
    """A promise of a speller. While a step waits for it, so does every list of the batch."""

    promise: Future[Ready] = field(default_factory=Future)
    wanted: bool = False
    """Whether a step waits for it: then it is made before what nobody waits for yet."""
    _until: float = field(default_factory=_soon)
    _late: str = NOT_MADE

    def hasten(self, until: float, late: str) -> None:
        """Be waited for no longer than this, by the monotonic clock; say why if it is too late."""
        if until < self._until:
            self._until, self._late = until, late

    def wait(self) -> Ready:
        """The speller; SpellingError if it is not there in time, and whatever went wrong."""
        self.wanted = True
        while not self.promise.done() and (left := self._until - monotonic()) > 0:
            # In parts: what this waits for may turn out to be hastened meanwhile.
            wait([self.promise], min(left, PART_S))
        if not self.promise.done():
            raise SpellingError(self._late)
        return self.promise.result()
