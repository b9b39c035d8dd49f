"""What a client knows of a shop: items, categories, users and what they had met, by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.manifest import MANIFEST_FILE
from service.domain import Item
from service.steering.arrays import IntArray
from service.versions import CURRENT_FILE

SAMPLED: Final = 5_000
"""Users of a catalogue whom load is made for."""

ITEMS_KEPT: Final = 100_000
HISTORIES_KEPT: Final = 10_000


class Goods:
    """The versions of a catalogue that may be served; the first is what requests are drawn from."""

    def __init__(self, versions: Sequence[LoadedCatalogue]) -> None:
        self.first = versions[0]
        self._by_name: Mapping[str, LoadedCatalogue] = {each.version: each for each in versions}
        self.users = self.first.histories.sample(SAMPLED)
        self.item = lru_cache(ITEMS_KEPT)(self._item)
        self.seeded = lru_cache(HISTORIES_KEPT)(self._seeded)

    @property
    def versions(self) -> Sequence[str]:
        """Their names."""
        return list(self._by_name)

    def drawn(self, dice: np.random.Generator, count: int) -> list[Item]:
        """Different items."""
        # Not numpy's own draw without repeats: that takes as long as the catalogue is large.
        rows: dict[int, None] = {}
        while len(rows) < min(count, self.first.size):
            rows[int(dice.integers(self.first.size))] = None
        return [self.first.item(row) for row in rows]

    def left(self, include: Sequence[str], without: Sequence[str]) -> int:
        """How many items have one of some categories, or any at all, and none of others."""
        rows = self._of(include) if include else np.arange(self.first.size)
        return len(np.setdiff1d(rows, self._of(without)))

    def _of(self, categories: Sequence[str]) -> IntArray:
        found = [self.first.postings(category) for category in categories]
        return np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int64)

    def _item(self, version: str, item_id: str) -> Item | None:
        catalogue = self._by_name.get(version)
        if catalogue is None:
            return None
        (row,) = catalogue.rows([item_id]).tolist()
        return catalogue.item(row) if row >= 0 else None

    def _seeded(self, version: str, user: str) -> frozenset[str]:
        """What a user had met by the catalogue's own account."""
        catalogue = self._by_name.get(version)
        return frozenset(catalogue.histories.history(user)) if catalogue else frozenset()


def goods_in(folder: Path) -> Goods:
    """Every version in a folder of versions, the current one first; or the one version."""
    current = load(folder, verify=False)
    if not (folder / CURRENT_FILE).exists():
        return Goods([current])
    others = sorted(path for path in folder.iterdir() if _is_another(path, current.folder))
    return Goods([current, *(load(path, verify=False) for path in others)])


def _is_another(path: Path, current: Path) -> bool:
    return (path / MANIFEST_FILE).exists() and not path.samefile(current)
