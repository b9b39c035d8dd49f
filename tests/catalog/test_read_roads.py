"""The fast road reads events as the slow road does, or leaves them to it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from service.catalog.read_batches import read_batch
from service.catalog.read_columns import choose
from service.catalog.read_delimited import DelimitedTable
from service.catalog.read_events import _Columns, _from_rows
from service.catalog.read_problems import Problems, Unfit
from service.catalog.read_tables import Meter
from service.domain import Item

ITEMS = tuple(Item(name, "t") for name in ("1", "é", "a b"))
COLUMNS = ("user", "item", "timestamp")

ids = st.sampled_from(
    ["1", "é", "a b", " 1 ", '"1"', '"a, b"', '""', "", "null", "NA", "-0", "🤖", ".."]
)
NUMBERS = ["1", "-1.5", "1e9", "1500000000123", "1500000000123456", " 2 ", "", "nan", "inf", "1_0"]
TEXTS = ["2017-07-14", "2017-07-14T02:40:00Z", "2017-07-14 02:40:00.125", "Infinity", "2017-02-30"]
ODD = ["2017-07-14T02:40:00+02:00", "20170714", "007", "5.", ".5", "1e-3", "+3", "0x10", '"7"']
times = st.sampled_from([*NUMBERS, *TEXTS, *ODD])
notes = st.sampled_from(["", "fine", '"quoted, text"', '"two\nlines"', '"double "" quote"', "5"])
ends = st.sampled_from(["\n", "\r\n", "\n\n"])
row = st.tuples(ids, ids, times, notes, ends)
same_times = times.flatmap(lambda time: st.lists(st.tuples(ids, ids, st.just(time), notes, ends)))


@given(st.lists(row, max_size=5) | same_times)
def test_both_roads_lead_to_the_same_events(rows: list[tuple[str, ...]]) -> None:
    lines = (",".join(fields) + end for *fields, end in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.csv"
        path.write_bytes(("user,item,time,note\n" + "".join(lines)).encode())
        table = DelimitedTable(path, ",")
        chosen = choose(table, COLUMNS, {})
        problems, meter = Problems(), Meter(None, 0)
        slow = _from_rows(_Columns(ITEMS), table, chosen, problems, meter)
        columns = _Columns(ITEMS)
        try:
            columns.extend(read_batch(table, chosen, meter))
        except Unfit:
            return
    fast = columns.sorted()
    assert problems.count == 0
    assert fast.users.to_pylist() == slow.users.to_pylist()
    assert fast.items.to_pylist() == slow.items.to_pylist()
    assert fast.timestamps.tolist() == slow.timestamps.tolist()
    assert fast.unknown_items == slow.unknown_items
