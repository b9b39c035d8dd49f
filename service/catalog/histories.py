"""What users had met when the catalogue was built: rows laid end to end, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from service.catalog.arrow import as_arrow
from service.catalog.artifact_columns import map_columns, save_columns
from service.catalog.artifact_files import map_array, save_array
from service.catalog.ids import IdTable
from service.catalog.read import Events
from service.steering.arrays import IntArray

_FOLDER: Final = "histories"
_NAMES: Final = "users.arrow"
_OFFSETS: Final = "offsets.npy"
_ITEMS: Final = "items.npy"


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """The histories of all users, mapped."""

    users: IdTable
    offsets: IntArray
    rows: IntArray
    item_ids: pa.LargeStringArray

    @classmethod
    def mapped(cls, folder: Path, item_ids: pa.LargeStringArray) -> Histories:
        """The histories of an artifact; `item_ids` is by row."""
        folder = folder / _FOLDER
        names = map_columns(folder / _NAMES).column("user")
        return cls(
            IdTable.mapped(folder, names),
            map_array(folder / _OFFSETS),
            map_array(folder / _ITEMS),
            item_ids,
        )

    def history(self, user_id: str) -> tuple[str, ...]:
        """Item ids, oldest first; empty for a user nobody has seen."""
        (user,) = self.users.rows_of([user_id]).tolist()
        if user < 0:
            return ()
        rows = self.rows[self.offsets[user] : self.offsets[user + 1]]
        return tuple(self.item_ids.take(as_arrow(rows)).to_pylist())

    def sample(self, limit: int) -> tuple[str, ...]:
        """Up to `limit` users, evenly spread over those there are; always the same ones."""
        count = len(self.users.ids)
        places = np.linspace(0, count, min(limit, count), endpoint=False, dtype=np.int64)
        return tuple(self.users.ids.take(as_arrow(places)).to_pylist())


def save_histories(folder: Path, events: Events, row_of: IntArray) -> None:
    """Write what a loaded `Histories` maps; `row_of` gives the row of each place in the source."""
    folder = folder / _FOLDER
    names = events.users.dictionary.cast(pa.large_string())
    save_columns(folder / _NAMES, {"user": names})
    IdTable.over(names).save(folder)
    users = events.users.indices.to_numpy()
    # Events come in the order of time, and a stable sort keeps it within each user.
    by_user = np.argsort(users, kind="stable")
    counts = np.bincount(users, minlength=len(names))
    save_array(folder / _OFFSETS, np.concatenate([[0], np.cumsum(counts)]))
    save_array(folder / _ITEMS, row_of[events.items.indices.to_numpy()[by_user]].astype(np.int32))
