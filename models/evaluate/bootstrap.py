"""How far a figure from so few questions or users can be trusted: bootstrap intervals, seeded.

They are drawn again and again with replacement, and the figure taken of each draw. All rows see
the same draws, so differences between rows are differences on the same questions.
Where all of them score alike, so do all draws, and the interval says less than it seems to.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

DRAWS: Final = 2000
BLOCK: Final = 100  # draws at once, for the sake of memory
SEED: Final = 1
EDGES: Final = (2.5, 97.5)

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and between what limits 95% of the draws lay."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Each question's own score; `counts` has three columns where micro F1 pools, else zeros."""

    values: Floats
    counts: Floats
    pooled: npt.NDArray[np.bool_]

    def draws(self) -> Floats:
        """The score of each draw, the sample itself first."""
        size = len(self.values)
        dice = np.random.default_rng(SEED)
        blocks = (dice.integers(size, size=(BLOCK, size)) for _ in range(DRAWS // BLOCK))
        itself = np.arange(size)[np.newaxis]
        return np.concatenate([self._scores(drawn) for drawn in chain([itself], blocks)])

    def _scores(self, drawn: npt.NDArray[np.int64]) -> Floats:
        """Mean over the questions; those that pool have the F1 of all their counts each."""
        pooled = self.pooled[drawn]
        alone = np.where(pooled, 0.0, self.values[drawn]).sum(axis=1)
        hits, extra, missed = np.moveaxis(self.counts[drawn].sum(axis=1), -1, 0)
        f1 = 2 * hits / np.maximum(2 * hits + extra + missed, 1)
        scores: Floats = (alone + f1 * pooled.sum(axis=1)) / drawn.shape[1]
        return scores


def sums(columns: Floats) -> Floats:
    """The sum of each column in each draw of rows, the sample itself first."""
    size = len(columns)
    dice = np.random.default_rng(SEED)
    drawn = (dice.integers(size, size=(BLOCK, size)) for _ in range(DRAWS // BLOCK))
    return np.concatenate(
        [columns.sum(axis=0)[np.newaxis], *(_counted(d) @ columns for d in drawn)]
    )


def _counted(drawn: npt.NDArray[np.int64]) -> Floats:
    """How often each row was drawn, by draw: sums are then products of matrices."""
    size = drawn.shape[1]
    return np.stack([np.bincount(each, minlength=size) for each in drawn]).astype(np.float64)


def estimate(draws: Floats) -> Estimate:
    """The figure itself, which stands first, and the interval of the others."""
    low, high = np.percentile(draws[1:], EDGES)
    return Estimate(float(draws[0]), float(low), float(high))
