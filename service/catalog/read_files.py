"""Opening input files, plain or compressed, and saying clearly why one cannot be read."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from service.errors import BadCatalogue

TICK: Final = 4096
"""Rows between two reports of progress."""

_BUFFER: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """The decompressed bytes of a file, and how far into the file itself they reach."""

    stream: BinaryIO
    position: Callable[[], int]


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The file's bytes, decompressed if its name ends in .gz."""
    with readable(path), path.open("rb", buffering=0) as raw:
        inner = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
        stream = io.BufferedReader(cast("io.RawIOBase", inner), _BUFFER)
        yield Opened(cast("BinaryIO", stream), raw.tell)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever a file's bytes or disk may answer into BadCatalogue."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadCatalogue(f"{path}: there is no such file") from error
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise BadCatalogue(f"{path}: cannot be read: {error}") from error


def kind_of(path: Path) -> str:
    """The suffix that tells the format: lower case, without a .gz behind it."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix
