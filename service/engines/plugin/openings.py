"""Catalogue versions as they are opened: each in a thread of its own, waited for but briefly.

Opening reads and hashes every byte of a version. From a cold disk that takes seconds, from a mount
that hangs for ever, and whoever waits holds up a whole batch.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic
from typing import Final

from service.engines.plugin.asked_plan import Spellable, Versions
from service.errors import BadCatalogue

OPENING_S: Final = 1.0
"""How long a version that is being opened is waited for, by all who ask for it together."""

HOPELESS_S: Final = 60.0
"""After this long nobody is kept for an opening that has not ended."""

MOST_OPENING: Final = 8
"""Versions opened at once: each is a thread, and those on a mount that hangs do not end."""

STILL_OPENING: Final = "its catalogue is still being opened"


@dataclass(frozen=True, slots=True)
class Opening:
    """A version that is open, or will be."""

    volume: Future[Spellable]
    until: float
    """When, by the monotonic clock, it is waited for no longer."""

    def wait(self) -> Spellable:
        """The version; BadCatalogue if it is not open in time."""
        wait([self.volume], max(0.0, self.until - monotonic()))
        if not self.volume.done():
            raise BadCatalogue(STILL_OPENING)
        return self.volume.result()


class Openings:
    """The versions that are being opened."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._under_way: dict[str, Opening] = {}
        self._lock = Lock()

    def of(self, version: str) -> Opening:
        """A version's opening, begun unless it is open or under way. Returns at once."""
        now = monotonic()
        at_hand = self._versions.at_hand(version)
        if at_hand is not None:
            return _ended(at_hand, now)
        with self._lock:
            opening = self._under_way.get(version)
            if opening is None:
                return self._begun(version, now + OPENING_S)
        if now > opening.until + HOPELESS_S:
            raise BadCatalogue(STILL_OPENING)
        return opening

    def _begun(self, version: str, until: float) -> Opening:
        if len(self._under_way) >= MOST_OPENING:
            raise BadCatalogue(f"{MOST_OPENING} catalogues are being opened already")
        opening = Opening(Future(), until)
        # Not of a pool, whose threads Python waits for at its end; nor may opening use one.
        thread = Thread(target=self._open, args=(version, opening.volume), daemon=True)
        thread.start()
        self._under_way[version] = opening
        return opening

    def _open(self, version: str, volume: Future[Spellable]) -> None:
        try:
            opened = self._versions.volume(version)
        except BaseException as error:  # noqa: BLE001 - told to whoever asked for it
            self._forget(version)
            volume.set_exception(error)
        else:
            self._forget(version)
            volume.set_result(opened)

    def _forget(self, version: str) -> None:
        with self._lock:
            del self._under_way[version]


def _ended(volume: Spellable, now: float) -> Opening:
    opened: Future[Spellable] = Future()
    opened.set_result(volume)
    return Opening(opened, now)
