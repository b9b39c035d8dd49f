"""How popular each row is, and all rows by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from service.catalog.artifact_files import map_array, save_array
from service.catalog.read import Events
from service.steering.arrays import FloatArray, IntArray

SCORES_FILE: Final = "popularity.npy"
ROWS_FILE: Final = "popular_rows.npy"


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Log-probability of each row, and all rows, the most popular first."""

    scores: FloatArray
    rows: IntArray

    @classmethod
    def mapped(cls, folder: Path) -> Ranking:
        """The ranking saved in a folder."""
        return cls(map_array(folder / SCORES_FILE), map_array(folder / ROWS_FILE))


def save_ranking(
    folder: Path, events: Events, row_of: IntArray, popularity: Callable[[IntArray], FloatArray]
) -> None:
    """Count how often each row was interacted with; rows that tie stay in order."""
    counts = np.bincount(row_of[events.items.indices.to_numpy()], minlength=len(row_of))
    save_array(folder / SCORES_FILE, popularity(counts))
    save_array(folder / ROWS_FILE, np.argsort(-counts, kind="stable").astype(np.int32))
