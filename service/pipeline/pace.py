"""How fast the engine has been of late, so that `auto` asks it only for what can be in time."""

from __future__ import annotations

from typing import Final

MEMORY: Final = 0.8
"""Share of the past that each new observation leaves standing."""


class Pace:
    """A moving average of the engine's seconds per listed item."""

    def __init__(self) -> None:
        self._per_item: float | None = None

    def note(self, items: int, seconds: float) -> None:
        """Learn from a decode that listed this many items."""
        if items:
            seen = seconds / items
            past = seen if self._per_item is None else self._per_item
            self._per_item = MEMORY * past + (1 - MEMORY) * seen

    def expected(self, items: int) -> float:
        """Seconds a list of this length may take; 0 while nothing is known."""
        return items * (self._per_item or 0.0)
