"""Reading a catalogue's input: items and, where there are any, the events of users with them.

What each file is, its suffix tells (see `read_formats`); which column is which, its names tell
(see `read_columns`) unless the caller does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from service.catalog.read_columns import check_roles
from service.catalog.read_events import Events, no_events, read_events
from service.catalog.read_formats import find_files, open_table
from service.catalog.read_items import read_items
from service.catalog.read_problems import Problems, RowProblem
from service.catalog.read_tables import Meter, Progress, Table
from service.domain import Item
from service.errors import BadCatalogue

__all__ = ["Events", "RowProblem", "Source", "read_source"]

_AS_NAMED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a catalogue is built from. `skipped` holds the first of `skipped_count` bad rows."""

    items: tuple[Item, ...]
    events: Events
    skipped: tuple[RowProblem, ...] = ()
    skipped_count: int = 0


def read_source(
    items: Path,
    events: Path | None,
    *,
    skip_bad: bool = False,
    columns: Mapping[str, str] = _AS_NAMED,
    progress: Progress | None = None,
) -> Source:
    """Read both files; BadCatalogue if they cannot be used, BadRows if some of their rows cannot.

    `columns` overrides which column is the id, title, categories, user, item or timestamp.
    `progress` is told the bytes read and the bytes there are.
    """
    check_roles(columns)
    item_file, event_file = find_files(items, events)
    item_table = open_table(item_file)
    event_table = open_table(event_file) if event_file else None
    problems = Problems()
    meter = Meter(progress, sum(map(_size, (item_table, event_table))))
    found = read_items(item_table, columns, problems, meter)
    meter.finished(_size(item_table))
    if event_table is None:
        met = no_events(found)
    else:
        met = read_events(event_table, found, columns, problems, meter)
        meter.finished(_size(event_table))
    if not skip_bad:
        problems.refuse()
    if not found:
        raise BadCatalogue(f"{item_file}: no items\n{problems.report()}".rstrip())
    return Source(found, met, tuple(problems.kept), problems.count)


def _size(table: Table | None) -> int:
    return table.path.stat().st_size if table else 0
