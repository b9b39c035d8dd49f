"""One server, as all engines that ask it see it together: places, retries, and what is told."""

from __future__ import annotations

from typing import Final, Protocol

from service.engines.remote.breaker import Breaker, State
from service.engines.remote.firsts import Firsts
from service.engines.remote.heard import Heard
from service.engines.remote.outcome import SUCCESSES, Outcome
from service.engines.remote.places import Place, Places
from service.engines.remote.retries import SHARE, Retries


class Listener(Protocol):
    """Hears of each call."""

    def called(self, outcome: str, seconds: float | None) -> None:
        """A call has come to this; seconds, if the server was asked."""
        ...

    def retried(self, *, granted: bool) -> None:
        """A call would be asked once more: it is, or the budget is spent."""
        ...


class _Nobody:
    """For as long as nobody listens."""

    def called(self, outcome: str, seconds: float | None) -> None:
        """Pass over it."""

    def retried(self, *, granted: bool) -> None:
        """Pass over it."""


class Upstream:
    """What is known of a server by asking it, whoever asks."""

    outcomes: Final = tuple(outcome.value for outcome in Outcome)
    """All words that a listener may hear."""

    def __init__(self, concurrent: int, queue: int, retries: float = SHARE) -> None:
        self.places = Places(concurrent, queue)
        self.firsts = Firsts()
        self._retries = Retries(retries)
        self._breakers: list[Breaker] = []
        self._listener: Listener = _Nobody()

    def follow(self, listener: Listener) -> None:
        """Tell this one of each call from now on."""
        self._listener = listener

    def new_breaker(self) -> Breaker:
        """For another model at this server."""
        breaker = Breaker()
        self._breakers.append(breaker)
        return breaker

    def earn(self) -> None:
        """A call is made."""
        self._retries.earn()

    def spend(self) -> bool:
        """Whether a call may be asked once more."""
        granted = self._retries.spend()
        self._listener.retried(granted=granted)
        return granted

    def note(self, heard: Heard, place: Place | None) -> Outcome:
        """Learn from a call, and tell what came of it."""
        outcome = heard.outcome(self.firsts, placed=place is not None)
        first = heard.to_first
        slow = first is not None and self.firsts.slow(first)
        if place is not None:
            self.places.note(place, outcome, slow=slow)
        if first is not None and outcome in SUCCESSES:
            self.firsts.note(first)
        self._listener.called(outcome, heard.seconds if heard.asked else None)
        return outcome

    @property
    def limit(self) -> int:
        """How many calls it is asked side by side now."""
        return self.places.limit

    @property
    def running(self) -> int:
        """How many there are."""
        return self.places.running

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return self.places.waiting

    @property
    def breaker_state(self) -> int:
        """That of the model that is worst off."""
        return max((breaker.state for breaker in self._breakers), default=State.CLOSED)

    @property
    def opened(self) -> int:
        """How often its breakers have opened."""
        return sum(breaker.opened for breaker in self._breakers)
