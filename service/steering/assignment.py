"""The assignment: everything that says what is to be spelled, here or inside a server.

An engine in the process makes its speller from the compiled plan; one behind HTTP sends the facts
the plan was compiled from, and walks what comes back through a speller of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from service.domain import Controls
from service.steering.arrays import IntArray
from service.steering.lexicon import Frame, Lexicon
from service.steering.plan import Closing, Plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.speller import Speller

_NO_ROWS: Final[IntArray] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One list to be spelled from one lexicon."""

    lexicon: Lexicon
    frame: Frame
    plan: Plan
    catalogue: str | None = None
    """The version whose lexicon this is; None for a few labels, which travel as they are."""
    controls: Controls = field(default_factory=Controls)
    banned: IntArray = field(default_factory=lambda: _NO_ROWS)
    prior: Prior = field(default_factory=Prior.flat)
    weight: float = 0.0
    shown: IntArray = field(default_factory=lambda: _NO_ROWS)
    """The candidates that the prompt numbers, for engines that spell numbers, not titles."""
    first: int = 1
    """The number of the first of them."""
    separator: str = "\n"
    """The text that ends each line."""
    closing: IntArray = field(default_factory=lambda: _NO_ROWS)
    """Rows after which the list is over, however many there may still be.

    What the prior says of them is passed over: whether there is more, the model alone decides.
    """
    least: int = 0
    """How many rows must stand before a closing one."""

    @property
    def k(self) -> int:
        """How many rows are to be spelled; at most, where some rows are closing."""
        return self.plan.k

    @property
    def fewest(self) -> int:
        """How many rows a list has at least, one that ends it counted."""
        return self.ending().fewest

    def speller(self) -> Speller:
        """A speller that has not begun."""
        return Speller(self.lexicon, self.frame, self.ending(), self.prior, self.weight)

    def progress(self) -> Progress:
        """The plan not begun, for those who name rows and spell nothing."""
        return Progress(self.ending())

    def ending(self) -> Plan:
        """The plan, with the rows that end it."""
        return replace(self.plan, closing=Closing(tuple(self.closing.tolist()), self.least))
