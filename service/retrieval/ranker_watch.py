"""The ranker in use: replaced, without a restart, when another is published.

The pointer is looked at when somebody asks, at most once a second. A new ranker is loaded beside
the one that serves, which goes on if the new one is damaged or there is none any more. What is
damaged is tried again when the pointer is replaced; what could not be read just now, after a while.
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
from service.retrieval.ranker import load_ranker
from service.retrieval.ranker_bound import BoundRanker, bound
from service.tuning import Tuning
from service.versions import CURRENT_FILE

LOG: Final = logging.getLogger("listwright.ranker")
EVERY_S: Final = 1.0
AGAIN_S: Final = 30.0
"""After how long a ranker that could not be read is tried again."""

FEW_KNOWN: Final = 0.5
"""Share of the catalogue's items below which a ranker knows few of them."""

_Seen: TypeAlias = tuple[int, int, int] | None

_UNSEEN: Final[_Seen] = (0, 0, 0)
"""A pointer that cannot be looked at."""


class RankerWatch:
    """Gives the current ranker of a folder, bound to a catalogue. Safe to share between threads."""

    def __init__(
        self,
        root: Path,
        catalogue: Catalogue,
        clock: Callable[[], float] = time.monotonic,
        *,
        speaks: Callable[[str], bool] = lambda _part: True,
    ) -> None:
        """Load what there is now, if there is anything that can be used.

        `speaks` tells whether a part of the prior has a name, for a tuning that weighs others.
        """
        self._root = root
        self._catalogue = catalogue
        self._speaks = speaks
        self._clock = clock
        self._lock = Lock()
        self._loading: Thread | None = None
        self._ranker: BoundRanker | None = None
        self._trouble: str | None = None
        self._again_at: float | None = None
        self._looked = clock()
        self._seen = self._look()
        if self._seen is not None:
            self._replace()

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

    def version(self) -> str | None:
        """That of the ranker to use now, if there is one."""
        ranker = self.current()
        return None if ranker is None else ranker.ranker.version

    def trouble(self) -> str | None:
        """Why what was published last is not in use, if it is not."""
        self.current()
        return self._trouble

    def settled(self) -> None:
        """Wait until what is being loaded, if anything is, is in use."""
        loading = self._loading
        if loading is not None:
            loading.join()

    def _renew(self) -> None:
        """Start loading what the pointer names, if that is new or due again; under the lock."""
        if self._loading is not None and self._loading.is_alive():
            return
        self._looked = self._clock()
        seen = self._look()
        due = self._again_at is not None and self._looked >= self._again_at
        if seen is None:
            # Withdrawn, and with it whatever was the matter with it.
            self._seen = self._trouble = self._again_at = None
            return
        if seen == self._seen and not due:
            return
        self._seen = seen
        self._loading = Thread(target=self._replace, name="ranker", daemon=True)
        self._loading.start()

    def _replace(self) -> None:
        """Use what the pointer names; or go on as before, and say why."""
        self._again_at = None
        try:
            self._ranker = self._loaded()
        except DamagedArtifact as error:
            self._fail(error, error.message)
            LOG.error("%s", self._trouble)  # noqa: TRY400 - the message says it all
        except Exception as error:
            self._fail(error, repr(error))
            LOG.exception("%s", self._trouble)
        else:
            self._trouble = None

    def _fail(self, error: Exception, message: str) -> None:
        instead = "lists are made without" if self._ranker is None else "the one before goes on"
        self._trouble = f"the ranker published last cannot be used, so {instead}: {message}"
        if passes(error):
            self._again_at = self._clock() + AGAIN_S

    def _loaded(self) -> BoundRanker:
        ranker = bound(load_ranker(self._root), self._catalogue)
        LOG.info("ranker %s is in use", ranker.ranker.version)
        self._compare(ranker)
        return ranker

    def _compare(self, made: BoundRanker) -> None:
        """Say so where it was made for something else than is served."""
        ranker, catalogue = made.ranker, self._catalogue
        if ranker.facts.catalogue != catalogue.version:
            LOG.warning(
                "ranker %s was trained on catalogue %s, and %s is served: train it again",
                *(ranker.version, ranker.facts.catalogue, catalogue.version),
            )
        known = int((made.item_at >= 0).sum())
        if known < FEW_KNOWN * catalogue.size:
            LOG.warning(
                "ranker %s knows only %d of the catalogue's %d items",
                *(ranker.version, known, catalogue.size),
            )
        weighed = {part for blend in ranker.tuning.blends.values() for part in blend.weights}
        if strangers := sorted(part for part in weighed if not self._speaks(part)):
            LOG.warning(
                "the tuning of ranker %s weighs what is not known here, and is passed over: %s",
                *(ranker.version, ", ".join(strangers)),
            )

    def _look(self) -> _Seen:
        """What tells one pointer from the next; None where there is none."""
        try:
            pointer = (self._root / CURRENT_FILE).stat()
        except FileNotFoundError:
            return None
        except OSError:
            # There may be one: reading it tells what is in the way.
            return _UNSEEN
        return pointer.st_ino, pointer.st_mtime_ns, pointer.st_size


def passes(error: BaseException) -> bool:
    """Whether a load failed for a reason that may pass: the system's, not the files'."""
    if isinstance(error, OSError | MemoryError):
        return True
    return error.__cause__ is not None and passes(error.__cause__)
