"""Which row has an id: sorted 64-bit hashes, searched all at once and confirmed by the id itself.

A dictionary of a million ids would be rebuilt in every process; two flat arrays are mapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from service.catalog.arrow import as_arrow
from service.catalog.artifact_files import map_array, save_array
from service.steering.arrays import IntArray

_HASHES: Final = "hashes.npy"
_ROWS: Final = "rows.npy"

KEPT: Final = 65_536
"""Ids whose rows are kept as they were found, about 10 MB."""


def hash_ids(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each id, the same in every process."""
    # Ids in requests may be any Python text: lone surrogates are hashed too, and found nowhere.
    digests = b"".join(
        blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in ids
    )
    return np.frombuffer(digests, dtype="<u8")


@dataclass(frozen=True, slots=True, eq=False)
class IdTable:
    """Finds rows by id. Equal hashes stand side by side, and the ids tell them apart."""

    hashes: npt.NDArray[np.uint64]
    rows: IntArray
    ids: pa.LargeStringArray
    _known: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    """Those that were asked for first: the same ids stand in most histories, and in every list."""

    @classmethod
    def over(cls, ids: pa.LargeStringArray) -> IdTable:
        """The table for distinct ids, one a row."""
        hashes = hash_ids(ids.to_pylist())
        rows = np.argsort(hashes, kind="stable").astype(np.int32)
        return cls(hashes[rows], rows, ids)

    @classmethod
    def mapped(cls, folder: Path, ids: pa.LargeStringArray) -> IdTable:
        """The table saved in a folder."""
        return cls(map_array(folder / _HASHES), map_array(folder / _ROWS), ids)

    def save(self, folder: Path) -> None:
        """Write hashes and rows; the ids themselves are kept elsewhere."""
        save_array(folder / _HASHES, self.hashes)
        save_array(folder / _ROWS, self.rows)

    def rows_of(self, ids: Sequence[str]) -> IntArray:
        """The row of each id, -1 where there is none."""
        found = np.array([self._known.get(name, -1) for name in ids], dtype=np.int64)
        missing = np.flatnonzero(found < 0).tolist()
        if missing:
            names = [ids[place] for place in missing]
            found[missing] = rows = self.matching(names, hash_ids(names))
            self._remember(names, rows)
        return found

    def _remember(self, names: Sequence[str], rows: IntArray) -> None:
        if len(self._known) < KEPT:
            pairs = zip(names, rows.tolist(), strict=True)
            self._known.update((name, row) for name, row in pairs if row >= 0)

    def matching(self, ids: Sequence[str], hashes: npt.NDArray[np.uint64]) -> IntArray:
        """The row of each id, given the hashes of all."""
        found = np.full(len(ids), -1, dtype=np.int64)
        at = np.searchsorted(self.hashes, hashes)
        pending = np.arange(len(ids))
        while len(pending):
            pending = pending[at[pending] < len(self.hashes)]
            pending = pending[self.hashes[at[pending]] == hashes[pending]]
            rows = self.rows[at[pending]]
            names = self.ids.take(as_arrow(rows)).to_pylist()
            same = np.array(
                [ids[place] == name for place, name in zip(pending.tolist(), names, strict=True)],
                dtype=bool,
            )
            found[pending[same]] = rows[same]
            pending = pending[~same]
            at[pending] += 1
        return found
