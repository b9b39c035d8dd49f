"""The ranker in use: replaced, without a restart, when another is published.

The pointer is looked at when somebody asks, at most once a second. A new ranker is loaded beside
the one that serves, which goes on if the new one is damaged or there is none any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import Final, TypeAlias

from service.errors import DamagedArtifact
from service.ports import Catalogue
from service.retrieval.ranker import CURRENT_FILE, load_ranker
from service.retrieval.ranker_bound import BoundRanker, bound
from service.tuning import Tuning

LOG: Final = logging.getLogger("listwright.ranker")
EVERY_S: Final = 1.0

_Seen: TypeAlias = tuple[int, int, int] | None


class RankerWatch:
    """Gives the current ranker of a folder, bound to a catalogue. Safe to share between threads."""

    def __init__(
        self, root: Path, catalogue: Catalogue, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Load what there is now; DamagedArtifact if it cannot be used. There may be none."""
        self._root = root
        self._catalogue = catalogue
        self._clock = clock
        self._lock = Lock()
        self._loading: Thread | None = None
        self._looked = clock()
        self._seen = self._look()
        self._ranker = self._loaded() if self._seen else None

    def current(self) -> BoundRanker | None:
        """The ranker to use now; returns at once."""
        if self._clock() - self._looked >= EVERY_S and self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        return self._ranker

    def tuning(self) -> Tuning:
        """What was found out with the ranker to use now; nothing where there is none."""
        ranker = self.current()
        return Tuning() if ranker is None else ranker.ranker.tuning

    def settled(self) -> None:
        """Wait until what is being loaded, if anything is, is in use."""
        loading = self._loading
        if loading is not None:
            loading.join()

    def _renew(self) -> None:
        """Start loading what the pointer names if it was replaced; under the lock."""
        if self._loading is not None and self._loading.is_alive():
            return
        self._looked = self._clock()
        seen = self._look()
        if seen in {None, self._seen}:
            return
        # What cannot be loaded is not tried again before the pointer is replaced once more.
        self._seen = seen
        self._loading = Thread(target=self._replace, name="ranker", daemon=True)
        self._loading.start()

    def _replace(self) -> None:
        try:
            ranker = self._loaded()
        except DamagedArtifact as error:
            LOG.error("a new ranker cannot be used, the one before goes on: %s", error.message)  # noqa: TRY400
        except Exception:
            LOG.exception("a new ranker cannot be loaded, the one before goes on")
        else:
            self._ranker = ranker

    def _loaded(self) -> BoundRanker:
        ranker = bound(load_ranker(self._root), self._catalogue)
        LOG.info("ranker %s is in use", ranker.ranker.version)
        return ranker

    def _look(self) -> _Seen:
        """What tells one pointer from the next; None where there is none."""
        try:
            pointer = (self._root / CURRENT_FILE).stat()
        except OSError:
            return None
        return pointer.st_ino, pointer.st_mtime_ns, pointer.st_size
