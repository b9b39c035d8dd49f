"""Which files there are and what format each is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from service.catalog.read_delimited import DelimitedTable, comma_separated
from service.catalog.read_files import kind_of
from service.catalog.read_json import JsonTable
from service.catalog.read_parquet import ParquetTable
from service.catalog.read_tables import Table
from service.errors import BadCatalogue


def _atomic(path: Path) -> Table:
    return DelimitedTable(path, "\t", quoted=False, typed=True)


_FORMATS: Final[Mapping[str, Callable[[Path], Table]]] = {
    ".jsonl": JsonTable,
    ".ndjson": JsonTable,
    ".json": JsonTable,
    ".csv": comma_separated,
    ".tsv": lambda path: DelimitedTable(path, "\t"),
    ".parquet": ParquetTable,
    ".item": _atomic,
    ".inter": _atomic,
}
# What files in a folder are called, MovieLens' names among them.
_ITEMS: Final = ("items", "movies", "products", "*.item")
_EVENTS: Final = ("events", "ratings", "interactions", "*.inter")


def find_files(items: Path, events: Path | None) -> tuple[Path, Path | None]:
    """The two files, which may be named by the folder they lie in."""
    if items.is_dir() and events is None:
        return _only(items, _ITEMS), _in_folder(items, _EVENTS)
    item_file = _only(items, _ITEMS) if items.is_dir() else items
    return item_file, _only(events, _EVENTS) if events and events.is_dir() else events


def open_table(path: Path) -> Table:
    """The table in a file; of a CSV the header is looked at, and nothing else is read yet."""
    if not path.is_file():
        raise BadCatalogue(f"{path}: there is no such file")
    make = _FORMATS.get(kind_of(path))
    if make is None:
        known = ", ".join(_FORMATS)
        raise BadCatalogue(f"{path}: unknown suffix; looked for one of {known}, and .gz after it")
    return make(path)


def _only(folder: Path, stems: tuple[str, ...]) -> Path:
    found = _in_folder(folder, stems)
    if found is None:
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:20]) or "nothing"
        message = f"{folder}: no file to read: looked for {', '.join(stems)} with one of the "
        raise BadCatalogue(f"{message}suffixes {', '.join(_FORMATS)}; found {there}")
    return found


def _in_folder(folder: Path, stems: tuple[str, ...]) -> Path | None:
    found = sorted(path for path in folder.iterdir() if _is_called(path, stems))
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise BadCatalogue(f"{folder}: cannot tell which of these to read: {names}")
    return found[0] if found else None


def _is_called(path: Path, stems: tuple[str, ...]) -> bool:
    suffix = kind_of(path)
    if suffix not in _FORMATS or not path.is_file():
        return False
    return path.name.split(".")[0].lower() in stems or f"*{suffix}" in stems
