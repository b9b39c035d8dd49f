"""Parquet: only the columns that can be of use are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from service.catalog.read_files import TICK, readable
from service.catalog.read_tables import Kind, Meter, Row


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file; its rows are numbered from 1."""

    path: Path
    headed = True
    layout = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of a use: texts, numbers, times and lists of texts."""
        with readable(self.path), pq.ParquetFile(self.path) as file:
            return tuple(field.name for field in file.schema_arrow if _useful(field.type))

    def kind(self, name: str) -> Kind:
        """Arrow values carry their own type."""
        del name
        return Kind.ANY

    def rows(self, meter: Meter) -> Iterator[Row]:
        """All rows."""
        number = 0
        for batch in self.batches(self.names, meter):
            columns = [_plain(column).to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, dict(zip(self.names, values, strict=True))

    def batches(self, names: tuple[str, ...], meter: Meter) -> Iterator[pa.RecordBatch]:
        """The same rows as columns."""
        size = self.path.stat().st_size
        with readable(self.path), pq.ParquetFile(self.path) as file:
            done, total = 0, file.metadata.num_rows
            for batch in file.iter_batches(batch_size=16 * TICK, columns=list(names)):
                yield batch.select(names)
                done += batch.num_rows
                meter.at(size * done // max(total, 1))


def _useful(kind: pa.DataType) -> bool:
    if pt.is_dictionary(kind):
        return _useful(kind.value_type)
    if pt.is_list(kind) or pt.is_large_list(kind):
        return not pt.is_floating(kind.value_type)  # an embedding is no category
    scalar = (pt.is_boolean, pt.is_integer, pt.is_floating, pt.is_decimal, pt.is_null)
    texts = (pt.is_string, pt.is_large_string, pt.is_string_view)
    times = (pt.is_timestamp, pt.is_date)
    return any(test(kind) for test in (*scalar, *texts, *times))


def _plain(column: pa.Array) -> pa.Array:
    # Python's datetime has no nanoseconds, and zones need a database: UTC is what is stored.
    if pt.is_timestamp(column.type):
        return pc.cast(column, pa.timestamp("us"), safe=False)
    return column
