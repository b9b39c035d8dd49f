"""What all formats look like to those who make items and events of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

from service.catalog.read_problems import Unfit

Record: TypeAlias = Mapping[str, object]
Row: TypeAlias = tuple[int, Record | Unfit]
"""A line (or row) number with what stands there, or why that cannot be read."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes read so far of all files, and with how many there are."""


class Kind(Enum):
    """What a column holds."""

    ANY = "any"
    WORDS = "words"  # a text whose words are the values


class Table(Protocol):
    """A file of rows."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns; of a format without a header, those of its first rows."""
        ...

    @property
    def headed(self) -> bool:
        """Whether the file itself says which columns all its rows have."""
        ...

    @property
    def layout(self) -> str:
        """What was taken to part its columns, to be said after them; empty where nothing does."""
        ...

    def kind(self, name: str) -> Kind:
        """What a column holds."""
        ...

    def rows(self, meter: Meter) -> Iterator[Row]:
        """All rows in order."""
        ...


class Meter:
    """Reports how far the reading of several files has come."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._before = 0
        self._told = -1

    def at(self, position: int) -> None:
        """So many bytes of the present file are read."""
        done = self._before + position
        if self._progress is not None and done > self._told:
            self._told = done
            self._progress(done, self._total)

    def finished(self, size: int) -> None:
        """The present file, of this size, is done."""
        self.at(size)
        self._before += size
