"""The keys in use: read again when their file changes, so that one is revoked without a restart.

The file is looked at when somebody shows a key, at most once a second. One that cannot be used
changes nothing, and is told: a slip of the pen must not shut out everybody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from service.access.holder import Holder
from service.access.keyring import read_keyring
from service.errors import BadSettings

LOG: Final = logging.getLogger("listwright.access")

EVERY_S: Final = 1.0

_Seen: TypeAlias = tuple[int, int, int] | None


class KeyringWatch:
    """Implements gate.Holders: whoever the file names now."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the file; BadSettings if it cannot be used."""
        self._path = path
        self._clock = clock
        self._looked = clock()
        self._seen = self._look()
        self._keyring = read_keyring(path)
        self._trouble: str | None = None
        self._logged: str | None = None
        """What was wrong with the file, as it was last logged."""

    @property
    def holders(self) -> tuple[Holder, ...]:
        """All of them."""
        return self._keyring.holders

    def holder(self, key: str) -> Holder | None:
        """Whose key it is; None for one that nobody holds."""
        self._renew()
        return self._keyring.holder(key)

    def trouble(self) -> str | None:
        """Why the keys are not those of the file, if they are not; the log says what is wrong."""
        self._renew()
        return self._trouble

    def _renew(self) -> None:
        if self._clock() - self._looked < EVERY_S:
            return
        self._looked = self._clock()
        seen = self._look()
        if seen == self._seen and self._trouble is None:
            return
        try:
            # An empty list revokes the last of them; an empty file may be half written.
            self._keyring = read_keyring(self._path, none=True)
        except BadSettings as error:
            # Read again at the next look: a fault that passes leaves the file as it is.
            self._trouble = "the file of keys has changed and cannot be used: those before go on"
            self._log(error.message)
        else:
            self._seen, self._trouble, self._logged = seen, None, None
            LOG.info("the keys were read again")

    def _log(self, why: str) -> None:
        """Once for each thing that is wrong."""
        if why != self._logged:
            self._logged = why
            LOG.error("%s; %s", self._trouble, why)

    def _look(self) -> _Seen:
        """What tells one file from the next; None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
