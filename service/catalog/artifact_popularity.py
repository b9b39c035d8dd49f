"""How often each row was met, how popular that makes it, and all rows by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from service.catalog.artifact_files import map_array, save_array
from service.catalog.read import Events
from service.steering.arrays import FloatArray, IntArray

MEETINGS_FILE: Final = "meetings.npy"
SCORES_FILE: Final = "popularity.npy"
ROWS_FILE: Final = "popular_rows.npy"


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """How often each row was met, its log-probability, and all rows, the most popular first."""

    meetings: IntArray
    scores: FloatArray
    rows: IntArray

    @classmethod
    def of(cls, meetings: IntArray, popularity: Callable[[IntArray], FloatArray]) -> Ranking:
        """The ranking that meetings make; rows that tie stay in order."""
        rows = np.argsort(-meetings, kind="stable").astype(np.int32)
        return cls(meetings.astype(np.int32), popularity(meetings), rows)

    @classmethod
    def mapped(cls, folder: Path) -> Ranking:
        """The ranking saved in a folder."""
        return cls(*(map_array(folder / name) for name in (MEETINGS_FILE, SCORES_FILE, ROWS_FILE)))


def save_ranking(
    folder: Path, events: Events, row_of: IntArray, popularity: Callable[[IntArray], FloatArray]
) -> None:
    """Count how often each row was met, and save what that makes."""
    counts = np.bincount(row_of[events.items.indices.to_numpy()], minlength=len(row_of))
    ranking = Ranking.of(counts, popularity)
    save_array(folder / MEETINGS_FILE, ranking.meetings)
    save_array(folder / SCORES_FILE, ranking.scores)
    save_array(folder / ROWS_FILE, ranking.rows)
