"""Interactions out of a table, kept as columns: there may be tens of millions."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from service.catalog.read_batches import Batch, read_batch
from service.catalog.read_columns import Chosen, choose
from service.catalog.read_problems import Problems, Unfit
from service.catalog.read_tables import Meter, Record, Table
from service.catalog.read_values import identifier, timestamp
from service.domain import Item


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Who met which item when: three columns sorted by time, the input's order where times tie.

    `users` and `items` are pyarrow DictionaryArrays (int32 indices, strings). The dictionary of
    `items` is the ids of `Source.items` in their order, so `items.indices` are places in it.
    """

    users: pa.DictionaryArray
    items: pa.DictionaryArray
    timestamps: npt.NDArray[np.float64]
    unknown_items: int = 0

    def __len__(self) -> int:
        return len(self.timestamps)


def no_events(items: Sequence[Item]) -> Events:
    """The events of a catalogue that comes without any."""
    return _Columns(items).sorted()


def read_events(
    table: Table,
    items: Sequence[Item],
    given: Mapping[str, str],
    problems: Problems,
    meter: Meter,
) -> Events:
    """All usable events of known items; what is wrong with the other rows is added."""
    chosen = choose(table, ("user", "item", "timestamp"), given)
    if chosen.complaint:
        problems.hints.append(chosen.complaint)
    try:
        batch = read_batch(table, chosen, meter)
    except Unfit:
        # Some row is bad, or the format has no columns: row by row it is found which.
        return _from_rows(_Columns(items), table, chosen, problems, meter)
    columns = _Columns(items)
    columns.extend(batch)
    return columns.sorted()


def _from_rows(
    columns: _Columns, table: Table, chosen: Chosen, problems: Problems, meter: Meter
) -> Events:
    at_user, at_item, at_time = chosen["user"], chosen["item"], chosen["timestamp"]
    for line, record in table.rows(meter):
        try:
            if isinstance(record, Unfit):
                raise record
            columns.append(record, at_user, at_item, at_time)
        except Unfit as unfit:
            problems.add(table.path.name, line, str(unfit))
    return columns.sorted()


class _Columns:
    """Events as they come in: codes of users and items, and times."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._item_codes = {item.id: place for place, item in enumerate(items)}
        self._user_codes: dict[str, int] = {}
        self._users = array("i")
        self._items = array("i")
        self._times = array("d")
        self._unknown = 0

    def append(self, record: Record, at_user: str, at_item: str, at_time: str) -> None:
        """One event; Unfit if it lacks something."""
        user = _id(record.get(at_user), "user", self._user_codes)
        item = _id(record.get(at_item), "item", self._item_codes)
        time = timestamp(record.get(at_time))
        place = self._item_codes.get(item)
        if place is None:
            self._unknown += 1
            return
        self._users.append(self._user_codes.setdefault(user, len(self._user_codes)))
        self._items.append(place)
        self._times.append(time)

    def extend(self, batch: Batch) -> None:
        """Many events, whose ids and times are known to be fit."""
        places = np.array([self._item_codes.get(name, -1) for name in batch.item_names], np.int32)
        items = places[batch.items]
        known = items >= 0
        users = batch.users[known]
        codes = np.full(len(batch.user_names), -1, np.int32)
        for at in np.unique(users).tolist():
            codes[at] = self._user_codes.setdefault(batch.user_names[at], len(self._user_codes))
        self._users.frombytes(codes[users].tobytes())
        self._items.frombytes(items[known].tobytes())
        self._times.frombytes(batch.times[known].tobytes())
        self._unknown += int(len(items) - len(users))

    def sorted(self) -> Events:
        """The finished columns in the order of time."""
        times = np.frombuffer(self._times, np.float64)
        order = np.argsort(times, kind="stable")
        return Events(
            users=_dictionary(self._users, order, self._user_codes),
            items=_dictionary(self._items, order, self._item_codes),
            timestamps=times[order],
            unknown_items=self._unknown,
        )


def _id(raw: object, role: str, known: Mapping[str, int]) -> str:
    # Nearly every id has been seen before and is then known to be fit as it stands.
    return raw if isinstance(raw, str) and raw in known else identifier(raw, role)


def _dictionary(
    codes: array[int], order: npt.NDArray[np.intp], names: Mapping[str, int]
) -> pa.DictionaryArray:
    indices = pa.array(np.frombuffer(codes, np.int32)[order], pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))
