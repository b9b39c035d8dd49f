"""A budget of retries at a server: enough for a replica that goes, too few for a storm."""

from __future__ import annotations

from typing import Final

SHARE: Final = 0.1
"""Part of all calls that may be asked once more."""

FEW: Final = 10.0
"""How many may be saved up: a restart meets several calls at once."""


class Retries:
    """Each call earns a part of a retry. Where all calls fail, one in so many is asked again."""

    def __init__(self, share: float = SHARE) -> None:
        """With a share of 0 there are none."""
        self._share = share
        self._saved = FEW if share else 0.0

    def earn(self) -> None:
        """A call is made."""
        self._saved = min(FEW, self._saved + self._share)

    def spend(self) -> bool:
        """Whether one may be asked again; if so, that is one less."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
