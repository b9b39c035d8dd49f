"""How many calls a server is asked side by side: fewer when it has too much, then more again."""

from __future__ import annotations

from typing import Final

CUT: Final = 0.7
"""What is left of the limit when the server says that it is too much, or says nothing."""

EASED: Final = 0.9
"""What is left of it when the server is merely slow: that may be one long prompt."""

GROWTH: Final = 0.05
"""Part of the most that the limit grows by in a round, a round being as many calls as it is."""


class Limit:
    """Additive increase, multiplicative decrease, between 1 and what the operator allows.

    All calls of a moment tell the same, so each generation cuts only once: a call counts against
    the limit that it was let in under.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._at = float(most)
        self.generation = 0

    @property
    def now(self) -> int:
        """As of now."""
        return int(self._at)

    def cut(self, generation: int, left: float = CUT) -> None:
        """A call of that generation was too much."""
        if generation == self.generation:
            self._at = max(1.0, self._at * left)
            self.generation += 1

    def grow(self) -> None:
        """A call went well while the limit was reached."""
        step = max(1.0, GROWTH * self._most) / self._at
        self._at = min(float(self._most), self._at + step)
