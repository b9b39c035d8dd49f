"""The assignment: everything that says what is to be spelled, here or inside a server.

An engine in the process makes its speller from the compiled plan; one behind HTTP sends the facts
the plan was compiled from, and walks what comes back through a speller of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from service.domain import Controls
from service.steering.arrays import IntArray
from service.steering.lexicon import Frame, Lexicon
from service.steering.plan import Plan
from service.steering.prior import Prior
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
    """The candidates that the prompt numbers from 1, for engines that spell numbers, not titles."""

    @property
    def k(self) -> int:
        """How many rows are to be spelled."""
        return self.plan.k

    def speller(self) -> Speller:
        """A speller that has not begun."""
        return Speller(self.lexicon, self.frame, self.plan, self.prior, self.weight)
