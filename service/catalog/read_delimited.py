"""Text with one record a line: CSV, TSV and RecBole's atomic files."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from service.catalog.read_files import TICK, opened
from service.catalog.read_problems import AS_UTF8, NOT_UTF8, Unfit
from service.catalog.read_tables import Kind, Meter, Row
from service.errors import BadCatalogue

_BAD_BYTES: Final = re.compile(r"[\udc80-\udcff]")
_TYPES: Final = ("token", "token_seq", "float", "float_seq")

SIGNS: Final[Mapping[str, str]] = {",": "','", ";": "';'", "\t": "tabs"}
"""What parts fields, and how a message calls it."""


@dataclass(frozen=True)
class DelimitedTable:
    """A header and fields parted by one character."""

    path: Path
    delimiter: str
    quoted: bool = True
    typed: bool = False  # RecBole: the header says `name:type`

    headed = True

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns the header names."""
        return tuple(name.rpartition(":")[0] if self.typed else name for name in self._header[1])

    @property
    def header_line(self) -> int:
        """The physical line on which the header ends."""
        return self._header[0]

    @property
    def layout(self) -> str:
        """Which sign parts the fields."""
        return f", parted by {SIGNS[self.delimiter]}"

    def kind(self, name: str) -> Kind:
        """Fields are plain text, but for RecBole's sequences."""
        return Kind.WORDS if self._types.get(name, "").endswith("_seq") else Kind.ANY

    def rows(self, meter: Meter) -> Iterator[Row]:
        """All records with the physical line each begins on."""
        names, floats = self.names, [name for name, kind in self._types.items() if kind == "float"]
        records = self._records(meter)
        next(records, None)
        for line, fields in records:
            if isinstance(fields, Unfit):
                yield line, fields
            elif len(fields) != len(names):
                yield line, Unfit(f"{len(fields)} fields where the header has {len(names)}")
            else:
                row: dict[str, object] = dict(zip(names, fields, strict=True))
                yield line, _with_floats(row, floats) if floats else row

    @cached_property
    def _types(self) -> Mapping[str, str]:
        if not self.typed:
            return {}
        parted = (field.rpartition(":") for field in self._header[1])
        return {name: kind for name, _, kind in parted}

    @cached_property
    def _header(self) -> tuple[int, list[str]]:
        with opened(self.path) as file:
            feed = _Feed(_decoded(file.stream))
            line, fields = next(self._parsed(feed), (0, Unfit("the file is empty")))
        if isinstance(fields, Unfit):
            message = f"{self.path.name}:{max(line, 1)}: no header: {fields}"
            raise BadCatalogue(message, hint=AS_UTF8 if str(fields) == NOT_UTF8 else "")
        header = [field.strip() for field in fields]
        if self.typed and any(field.rpartition(":")[2] not in _TYPES for field in header):
            message = f"{self.path.name}:{line}: the header is not `name:type`, with a type of "
            raise BadCatalogue(message + ", ".join(_TYPES) + f"; found {header}")
        return line + len(feed.taken) - 1, header

    def _records(self, meter: Meter) -> Iterator[tuple[int, list[str] | Unfit]]:
        with opened(self.path) as file:
            position = file.position
            lines = _decoded(file.stream)
            yield from self._parsed(_Feed(lines, lambda: meter.at(position())))

    def _parsed(self, feed: _Feed) -> Iterator[tuple[int, list[str] | Unfit]]:
        reader = csv.reader(
            feed,
            delimiter=self.delimiter,
            strict=True,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
        )
        while True:
            first = feed.begin()
            fields: list[str] | Unfit
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                feed.give_back()
                fields = self._unquoted(feed.taken[0], error)
            if fields:
                yield first, _in_utf8(fields, feed.taken)

    def _unquoted(self, line: str, error: csv.Error) -> list[str] | Unfit:
        """Many write TSV without quoting, where a quote is but a character."""
        if self.quoted and self.delimiter == "\t":
            return line.rstrip("\r\n").split("\t")
        return Unfit(f"cannot be parsed: {error}")


def comma_separated(path: Path) -> DelimitedTable:
    """A CSV. Where the decimal sign is a comma, programs part fields by something else.

    The header tells: where a comma leaves it in one piece, what leaves it in most pieces counts.
    """
    usual, *others = (DelimitedTable(path, sign) for sign in SIGNS)
    return usual if _width(usual) > 1 else max(usual, *others, key=_width)


def _width(table: DelimitedTable) -> int:
    """How many columns its header has; one where it cannot be read, which is told later."""
    try:
        return len(table.names)
    except BadCatalogue:
        return 1


class _Feed:
    """Lines for a csv reader, which can be given back when a record turns out broken.

    A quote that is never closed swallows what follows. Only the line it stands on is to blame;
    the others are read again.
    """

    def __init__(self, lines: Iterator[str], tick: Callable[[], None] = lambda: None) -> None:
        self.taken: list[str] = []
        self._lines = lines
        self._again: deque[str] = deque()
        self._first = 1
        self._tick = tick
        self._count = itertools.count(1)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if next(self._count) % TICK == 0:
            self._tick()
        return line

    def begin(self) -> int:
        """A record begins: the number of its first line."""
        self._first += len(self.taken)
        self.taken.clear()
        return self._first

    def give_back(self) -> None:
        """All but the first line of the present record are to be read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _decoded(stream: BinaryIO) -> Iterator[str]:
    # Bad bytes come through as lone surrogates, so that only their own row is lost. Only "\n" ends
    # a line, as every editor counts.
    return io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="\n")


def _in_utf8(fields: list[str] | Unfit, lines: list[str]) -> list[str] | Unfit:
    if all(map(str.isascii, lines)) or not _BAD_BYTES.search("".join(lines)):
        return fields
    return Unfit(NOT_UTF8)


def _with_floats(row: dict[str, object], floats: list[str]) -> dict[str, object] | Unfit:
    for name in floats:
        text = str(row[name]).strip()
        try:
            row[name] = float(text) if text else None
        except ValueError:
            return Unfit(f"{name} is not a number: {text[:40]!r}")
    return row
