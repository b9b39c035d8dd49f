"""A data set: items, and what each user met, in the order of time.

A user may meet an item again and again, but a list never holds what its user has met. So each
sequence has an item once, where it was first met: what comes next is something new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from service.catalog.read import Source, read_source
from service.steering.arrays import IntArray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Sequences of places in `source.items`, one a user, in the order of `users`."""

    name: str
    source: Source
    users: tuple[str, ...]
    sequences: tuple[IntArray, ...]
    first_met: tuple[IntArray, ...]
    """Where in the events, which are in the order of time, each of a user's meetings stands."""

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.source.items)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The id of each item."""
        return tuple(item.id for item in self.source.items)


def read_dataset(folder: Path, **how: Any) -> Dataset:
    """A folder of MovieLens' CSV files, RecBole's atomic files, or any that `build` reads."""
    return dataset_of(read_source(folder, None, **how), folder.resolve().name)


def dataset_of(source: Source, name: str) -> Dataset:
    """The sequences of a source that has been read."""
    users = source.events.users.indices.to_numpy()
    items = source.events.items.indices.to_numpy()
    place = _first_meetings(users, items)
    order = place[np.argsort(users[place], kind="stable")]
    names: list[str] = source.events.users.dictionary.to_pylist()
    ends = np.cumsum(np.bincount(users[place], minlength=len(names)))[:-1]
    return Dataset(
        name=name,
        source=source,
        users=tuple(names),
        sequences=tuple(np.split(items[order].astype(np.int64), ends)) if names else (),
        first_met=tuple(np.split(order, ends)) if names else (),
    )


def _first_meetings(users: IntArray, items: IntArray) -> IntArray:
    """The places of events in which a user meets an item for the first time, in order."""
    if not len(users):
        return np.zeros(0, dtype=np.int64)
    pairs = users.astype(np.int64) * (int(items.max()) + 1) + items
    _, first = np.unique(pairs, return_index=True)
    return np.sort(first)
