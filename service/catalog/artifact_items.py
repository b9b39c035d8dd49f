"""The item table: one Arrow batch, in the lexicon's order, read where it lies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from service.catalog.arrow import as_arrow
from service.catalog.artifact_columns import map_columns, save_columns
from service.catalog.ids import IdTable
from service.domain import Attribute, Item
from service.steering.arrays import IntArray

ITEMS_FILE: Final = "items.arrow"
IDS_FOLDER: Final = "ids"

KEPT: Final = 8_192
"""Items, and spellings, that are kept as they were read: those that many lists show are read once.
About 10 MB in all."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemTable:
    """Items by row. Spelling is null where the title is spelled as it stands."""

    batch: pa.RecordBatch
    categories: Sequence[str]
    by_id: IdTable
    item: Callable[[int], Item] = field(init=False, repr=False)
    """The item at a row."""
    spelling: Callable[[int], str] = field(init=False, repr=False)
    """How the lexicon spells the title of a row."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "item", lru_cache(KEPT)(self._item))
        object.__setattr__(self, "spelling", lru_cache(KEPT)(self._spelling))

    @classmethod
    def mapped(cls, folder: Path, categories: Sequence[str]) -> ItemTable:
        """The table saved in a folder; `categories` are the names of the codes."""
        batch = map_columns(folder / ITEMS_FILE)
        return cls(batch, categories, IdTable.mapped(folder / IDS_FOLDER, batch.column("id")))

    @property
    def titles(self) -> pa.LargeStringArray:
        """The title of each row."""
        return self.batch.column("title")

    def titles_of(self, rows: IntArray) -> list[str]:
        """The titles of many rows; none of them takes the place of one that is kept."""
        titles: list[str] = self.titles.take(as_arrow(rows)).to_pylist()
        return titles

    def spellings_of(self, rows: IntArray) -> list[str]:
        """How the lexicon spells the titles of many rows."""
        respelled = self.batch.column("spelling").take(as_arrow(rows))
        spellings: list[str] = pc.coalesce(respelled, self.titles.take(as_arrow(rows))).to_pylist()
        return spellings

    def _item(self, row: int) -> Item:
        attributes = self._at("attributes", row)
        return Item(
            self._at("id", row),
            self._at("title", row),
            tuple(self.categories[code] for code in self._at("categories", row)),
            json.loads(attributes) if attributes else {},
        )

    def _spelling(self, row: int) -> str:
        spelling: str = self._at("spelling", row) or self._at("title", row)
        return spelling

    def _at(self, column: str, row: int) -> Any:
        if row < 0:  # Arrow would count from the end, and -1 is how "unknown" is written
            raise IndexError(f"there is no row {row}")
        return self.batch.column(column)[row].as_py()


def save_items(
    folder: Path, items: Sequence[Item], spellings: Sequence[str], code_of: Mapping[str, int]
) -> None:
    """Write what a loaded `ItemTable` maps."""
    text = pa.large_string()
    codes = [[code_of[category] for category in item.categories] for item in items]
    respelled = [
        None if spelling == item.title else spelling
        for item, spelling in zip(items, spellings, strict=True)
    ]
    columns = {
        "id": pa.array([item.id for item in items], text),
        "title": pa.array([item.title for item in items], text),
        "spelling": pa.array(respelled, text),
        "categories": pa.array(codes, pa.list_(pa.int32())),
        "attributes": pa.array([attributes_json(item.attributes) for item in items], text),
    }
    save_columns(folder / ITEMS_FILE, columns)
    IdTable.over(columns["id"]).save(folder / IDS_FOLDER)


def attributes_json(attributes: Mapping[str, Attribute]) -> str | None:
    """Attributes as JSON text; None if there are none."""
    if not attributes:
        return None
    try:
        return orjson.dumps(dict(attributes)).decode()
    except TypeError:  # whole numbers of more than 64 bits
        return json.dumps(dict(attributes))
