"""The kinds of file an artifact is made of: flat arrays, one Arrow batch, JSON. All are mapped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from service.errors import DamagedArtifact

UNREADABLE: Final = (OSError, ValueError, LookupError, TypeError, RecursionError)
"""What reading a damaged file of an artifact can raise; brackets nested too deep are one way."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong while a file of an artifact is read becomes DamagedArtifact."""
    try:
        yield
    except (*UNREADABLE, pa.ArrowException) as error:
        raise DamagedArtifact(f"{path} cannot be read: {error}") from error


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array as .npy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def map_array(path: Path) -> npt.NDArray[Any]:
    """A read-only view of a .npy file, shared with every process that maps it."""
    with reading(path):
        # A plain array over the mapping: np.memmap pays for its subclass at each slice.
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def save_columns(path: Path, columns: Mapping[str, pa.Array]) -> None:
    """Write columns as one uncompressed batch, which can be read where it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    batch = pa.record_batch(dict(columns))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def map_columns(path: Path) -> pa.RecordBatch:
    """The columns of a file, mapped."""
    with reading(path):
        return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def save_json(path: Path, value: object) -> None:
    """Write JSON, the same bytes for the same value."""
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")


def map_json(path: Path) -> Any:
    """Read JSON."""
    with reading(path):
        return json.loads(path.read_text("utf-8"))
