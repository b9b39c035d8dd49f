"""The fast road for events: whole columns at a time, as long as everything in them is fit.

What is accepted here the slow road reads to the same values, but for a quote amid a field, which
Arrow drops. At the first doubt Unfit is raised, and the slow road finds out which rows are bad.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.types as pt

from service.catalog.read_columns import Chosen
from service.catalog.read_delimited import DelimitedTable
from service.catalog.read_files import opened
from service.catalog.read_parquet import ParquetTable
from service.catalog.read_problems import Unfit
from service.catalog.read_tables import Meter, Table
from service.catalog.read_values import SCALES, identifier

_BLOCK: Final = 1 << 23
_QUOTE, _NEWLINE = ord('"'), ord("\n")


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Events as codes into the names beside them, and seconds."""

    user_names: list[str]
    users: npt.NDArray[np.int32]
    item_names: list[str]
    items: npt.NDArray[np.int32]
    times: npt.NDArray[np.float64]


def read_batch(table: Table, chosen: Chosen, meter: Meter) -> Batch:
    """All events of a table, or Unfit as soon as it cannot be read this way."""
    names = (chosen["user"], chosen["item"], chosen["timestamp"])
    if isinstance(table, ParquetTable):
        found = table.batches(names, meter)
    elif isinstance(table, DelimitedTable):
        found = _parsed(table, names, meter)
    else:
        raise Unfit("the format has no columns")
    users, items, times = [], [], [np.empty(0)]
    for batch in found:
        users.append(_encoded(batch.column(0), "user"))
        items.append(_encoded(batch.column(1), "item"))
        times.append(_seconds(batch.column(2)))
    return Batch(*_unified(users, "user"), *_unified(items, "item"), np.concatenate(times))


def _parsed(
    table: DelimitedTable, names: tuple[str, ...], meter: Meter
) -> Iterator[pa.RecordBatch]:
    columns = [f"{place}" for place in range(len(table.names))]
    wanted = [f"{table.names.index(name)}" for name in names]
    with opened(table.path) as file:
        watched = _Balanced(file.stream)
        try:
            reader = pa.csv.open_csv(
                pa.PythonFile(watched, mode="r"),
                read_options=pa.csv.ReadOptions(
                    column_names=columns, skip_rows=table.header_line, block_size=_BLOCK
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=table.delimiter, quote_char='"' if table.quoted else False
                ),
                convert_options=pa.csv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                yield batch
                meter.at(file.position())
        except pa.ArrowInvalid as error:
            raise Unfit(str(error)) from None
        if table.quoted and not watched.balanced:
            raise Unfit("a quoted text goes over several lines, or is never closed")


class _Balanced:
    """A stream that notices whether every line closes the quotes it opens.

    Where one does not, Arrow might take several records for one; where all do, it cannot.
    """

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._open = 0
        self.balanced = True

    def read(self, size: int) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        if self.balanced and (self._open or b'"' in block):
            codes = np.frombuffer(block, np.uint8)
            opened_so_far = (self._open + np.cumsum(codes == _QUOTE)) & 1
            self.balanced = not opened_so_far[codes == _NEWLINE].any()
            self._open = int(opened_so_far[-1]) if len(block) else self._open
        return block


def _encoded(column: pa.Array, role: str) -> pa.DictionaryArray:
    kind = column.type
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_large_string(kind) or pt.is_string_view(kind):
        kind = pa.string()
    plain = pc.cast(column, kind)
    if plain.null_count:
        raise Unfit(f"no {role}")
    return pc.dictionary_encode(plain)


def _unified(
    chunks: list[pa.DictionaryArray], role: str
) -> tuple[list[str], npt.NDArray[np.int32]]:
    if not chunks:
        return [], np.empty(0, np.int32)
    unified = pa.chunked_array(chunks).unify_dictionaries()
    names = [identifier(value, role) for value in unified.chunk(0).dictionary.to_pylist()]
    return names, np.concatenate([chunk.indices.to_numpy() for chunk in unified.chunks])


def _seconds(column: pa.Array) -> npt.NDArray[np.float64]:
    if column.null_count:
        raise Unfit("no timestamp")
    seconds = _as_float(column)
    if not np.isfinite(seconds).all():
        raise Unfit("timestamp is not finite")
    return seconds


def _as_float(column: pa.Array) -> npt.NDArray[np.float64]:
    kind = column.type
    if pt.is_timestamp(kind) or pt.is_date(kind):
        micros = pc.cast(pc.cast(column, pa.timestamp("us"), safe=False), pa.int64())
        return np.asarray(micros.to_numpy() / 1e6, np.float64)
    if pt.is_boolean(kind) or not (
        pt.is_string(kind) or pt.is_integer(kind) or pt.is_floating(kind)
    ):
        raise Unfit("timestamps of a type to be looked at one by one")
    try:
        numbers = pc.cast(column, pa.float64(), safe=False)
    except pa.ArrowInvalid:
        return _as_float(_moments(column))
    return _scaled(numbers.to_numpy().astype(np.float64))


def _moments(column: pa.Array) -> pa.Array:
    # With a zone in every text, or with none in any; mixtures are left to the slow road.
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return pc.cast(column, kind)
        except pa.ArrowInvalid:
            continue
    raise Unfit("timestamps that are not all alike")


def _scaled(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sizes = np.abs(numbers)
    return np.select(
        [sizes >= least for least, _ in SCALES], [numbers / by for _, by in SCALES], numbers
    )
