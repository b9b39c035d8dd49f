"""How long a server's first token usually takes: what is slow, and what is fair to expect."""

from __future__ import annotations

from typing import Final

MEMORY: Final = 0.95
"""Share of the past that each usual first token leaves standing."""

LONG_MEMORY: Final = 0.99
"""The same for slow ones: what lasts becomes usual, what passes does not."""

SLOW: Final = 8.0
"""So many times the usual is slow: a server that batches well may take a few times as long."""

SLOW_S: Final = 1.0
"""Nothing below this is slow, however quick the server usually is."""

FAIR: Final = 4.0
"""Who waited so many times the usual may be disappointed."""

FAIR_S: Final = 2.0
"""Who waited so long may be, if the server usually is much quicker, or nothing is known of it."""

FAIREST: Final = 1.5
"""So many times the usual must have been waited, however long that is."""


class Firsts:
    """A moving average. Whoever brings a short deadline must not speak against a server."""

    def __init__(self) -> None:
        self.usual: float | None = None
        """Seconds; None before the first."""

    def note(self, seconds: float) -> None:
        """A first token took so long."""
        if self.usual is None:
            self.usual = seconds
            return
        memory = LONG_MEMORY if self.slow(seconds) else MEMORY
        self.usual = memory * self.usual + (1 - memory) * seconds

    def slow(self, seconds: float) -> bool:
        """Whether the server has too much to do, to judge by this."""
        return self.usual is not None and seconds > max(SLOW_S, SLOW * self.usual)

    def fair(self, seconds: float) -> bool:
        """Whether a server that has said nothing for so long has failed."""
        if self.usual is None:
            return seconds >= FAIR_S
        return seconds >= max(FAIREST * self.usual, min(FAIR_S, FAIR * self.usual))
