"""Columns of an artifact: one Arrow batch a file, uncompressed and mapped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from service.catalog.artifact_files import reading


def save_columns(path: Path, columns: Mapping[str, pa.Array]) -> None:
    """Write columns as one uncompressed batch, which can be read where it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    batch = pa.record_batch(dict(columns))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def map_columns(path: Path) -> pa.RecordBatch:
    """The columns of a file, mapped."""
    with reading(path, pa.ArrowException):
        return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
