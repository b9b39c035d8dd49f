"""Items out of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from service.catalog.clean import clean_title
from service.catalog.read_columns import Chosen, choose
from service.catalog.read_problems import Problems, Unfit
from service.catalog.read_tables import Kind, Meter, Record, Table
from service.catalog.read_values import attribute, categories, identifier, title
from service.domain import Attribute, Item


def read_items(
    table: Table, given: Mapping[str, str], problems: Problems, meter: Meter
) -> tuple[Item, ...]:
    """All usable items in the order of the file; what is wrong with the others is added."""
    chosen = choose(table, ("id", "title"), given, ("categories",))
    if chosen.complaint:
        problems.hints.append(f"{chosen.complaint}.")
    make, file = _maker(table, chosen), table.path.name
    items: list[Item] = []
    lines: dict[str, int] = {}
    for line, record in table.rows(meter):
        try:
            if isinstance(record, Unfit):
                raise record
            item = make(record)
        except Unfit as unfit:
            problems.add(file, line, str(unfit))
            continue
        if item.id in lines:
            problems.add(file, line, f"duplicate id {item.id!r}, first on line {lines[item.id]}")
        else:
            lines[item.id] = line
            items.append(item)
    return tuple(items)


def _maker(table: Table, chosen: Chosen) -> Callable[[Record], Item]:
    at_id, at_title, at_categories = chosen["id"], chosen["title"], chosen["categories"]
    words = table.kind(at_categories) is Kind.WORDS
    used = {at_id, at_title, at_categories}
    used.update(name for name in table.names if table.kind(name) is Kind.WORDS)

    def make(record: Record) -> Item:
        named = record.get(at_categories)
        if words and isinstance(named, str):
            named = named.split()
        return Item(
            identifier(record.get(at_id), "id"),
            title(record.get(at_title)),
            categories(named),
            _attributes(record, used),
        )

    return make


def _attributes(record: Record, used: set[str]) -> Mapping[str, Attribute]:
    return {
        _name(name): value
        for name, raw in record.items()
        if name not in used and (value := attribute(raw)) is not None
    }


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    return clean_title(name)
