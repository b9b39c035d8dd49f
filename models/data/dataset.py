"""A data set: items, and what each user met, in the order of time.

A user may meet an item again and again, but a list never holds what its user has met. So each
sequence has an item once, where it was first met: what comes next is something new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from models.data.unlisted import event_file, read_unlisted
from service.catalog.read import Source, read_source
from service.steering.arrays import IntArray

AS_NAMED: Final[Mapping[str, str]] = MappingProxyType({})
"""Columns whose names say what they are."""


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


def read_dataset(
    folder: Path, columns: Mapping[str, str] = AS_NAMED, *, skip_bad: bool = False
) -> Dataset:
    """A folder of MovieLens' CSV files, RecBole's atomic files, or any that `build` reads."""
    events, alone = event_file(folder)
    if events is not None and alone:
        source = read_unlisted(events, columns, skip_bad=skip_bad)
    else:
        source = read_source(folder, None, columns=columns, skip_bad=skip_bad)
    return dataset_of(source, folder.resolve().name)


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
