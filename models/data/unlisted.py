"""Interactions without a list of items, as some of RecBole's data sets are: what was met is all.

Such items have their ids for titles, and no categories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.catalog.read import Source
from service.catalog.read_columns import check_roles, choose
from service.catalog.read_events import read_events
from service.catalog.read_formats import find_files, open_table
from service.catalog.read_problems import Problems, Unfit
from service.catalog.read_tables import Meter, Table
from service.catalog.read_values import identifier
from service.domain import Item
from service.errors import BadCatalogue


def event_file(folder: Path) -> tuple[Path | None, bool]:
    """The file of interactions, if there is one, and whether it is all that there is."""
    try:
        return find_files(folder, None)[1], False
    except BadCatalogue:
        alone = sorted(folder.glob("*.inter"))
        if len(alone) != 1 or any(folder.glob("*.item*")):
            raise
        return alone[0], True


def read_unlisted(events: Path, columns: Mapping[str, str], *, skip_bad: bool) -> Source:
    """A source of interactions alone; BadCatalogue if there are none, or some cannot be used."""
    check_roles(columns)
    table, problems, unwatched = open_table(events), Problems(), Meter(None, 0)
    items = tuple(Item(name, name) for name in dict.fromkeys(_met(table, columns)))
    found = read_events(table, items, columns, problems, unwatched)
    if not skip_bad:
        problems.refuse()
    if not items:
        raise BadCatalogue(f"{events}: no interactions\n{problems.report()}".rstrip())
    return Source(items, found, tuple(problems.kept), problems.count)


def _met(table: Table, columns: Mapping[str, str]) -> Iterator[str]:
    """The item of each row; rows that have none are told of when they are read as interactions."""
    column = choose(table, ("item",), columns)["item"]
    for _, record in table.rows(Meter(None, 0)):
        try:
            if not isinstance(record, Unfit):
                yield identifier(record.get(column), "item")
        except Unfit:
            continue
