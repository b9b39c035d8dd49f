"""Items out of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from service.catalog.clean import clean_title
from service.catalog.read_columns import Chosen, choose
from service.catalog.read_problems import Problems, Unfit
from service.catalog.read_tables import Kind, Meter, Record, Table
from service.catalog.read_values import (
    attribute,
    categories,
    identifier,
    names_with_semicolons,
    parted,
    title,
)
from service.domain import Attribute, Item


def read_items(
    table: Table, given: Mapping[str, str], problems: Problems, meter: Meter
) -> tuple[Item, ...]:
    """All usable items in the order of the file; what is wrong with the others is added."""
    chosen = choose(table, ("id", "title"), given, ("categories",))
    if chosen.complaint:
        problems.hints.append(chosen.complaint)
    read, file = _reader(table, chosen), table.path.name
    drafts: list[_Draft] = []
    lines: dict[str, int] = {}
    for line, record in table.rows(meter):
        try:
            if isinstance(record, Unfit):
                raise record
            draft = read(record)
        except Unfit as unfit:
            problems.add(file, line, str(unfit))
            continue
        if draft.id in lines:
            problems.add(file, line, f"duplicate id {draft.id!r}, first on line {lines[draft.id]}")
        else:
            lines[draft.id] = line
            drafts.append(draft)
    return _made(drafts)


class _Draft(NamedTuple):
    """An item, but that its categories may still be a text."""

    id: str
    title: str
    categories: tuple[str, ...] | str
    attributes: Mapping[str, Attribute]


def _made(drafts: Sequence[_Draft]) -> tuple[Item, ...]:
    """The items: which names have a `;` is known once all of them are there."""
    texts = (draft.categories for draft in drafts if isinstance(draft.categories, str))
    whole = names_with_semicolons(texts)
    return tuple(
        Item(each, title, parted(named, whole) if isinstance(named, str) else named, attributes)
        for each, title, named, attributes in drafts
    )


def _reader(table: Table, chosen: Chosen) -> Callable[[Record], _Draft]:
    at_id, at_title, at_categories = chosen["id"], chosen["title"], chosen["categories"]
    words = table.kind(at_categories) is Kind.WORDS
    used = {at_id, at_title, at_categories}
    used.update(name for name in table.names if table.kind(name) is Kind.WORDS)

    def read(record: Record) -> _Draft:
        named = record.get(at_categories)
        if words and isinstance(named, str):
            named = named.split()
        return _Draft(
            identifier(record.get(at_id), "id"),
            title(record.get(at_title)),
            categories(named),
            _attributes(record, used),
        )

    return read


def _attributes(record: Record, used: set[str]) -> Mapping[str, Attribute]:
    return {
        _name(name): value
        for name, raw in record.items()
        if name not in used and (value := attribute(raw)) is not None
    }


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    return clean_title(name)
