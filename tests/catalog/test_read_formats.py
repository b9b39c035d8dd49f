from __future__ import annotations

import datetime as dt
import decimal
import gzip
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.catalog.read import Events, read_source
from service.domain import Item
from service.errors import BadCatalogue, BadRows

SHOP = Path(__file__).parents[3] / "shared" / "data" / "ml-latest-small"

CUP = Item("1", "Cup & Saucer", ("Home", "Kitchen"))
TOY = Item("-2", "Toy Robot 🤖", ("Toys",))
PLAIN = Item("99999999999999999999999", "Plain")
ITEMS = (CUP, TOY, PLAIN)
EVENTS = [("u2", "-2", 10.0), ("u1", "1", 20.5), ("u1", "-2", 20.5)]


def write(path: Path, text: str) -> Path:
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def jsonl(rows: Iterable[object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def told(events: Events) -> list[tuple[str, str, float]]:
    columns = (events.users.to_pylist(), events.items.to_pylist(), events.timestamps.tolist())
    return list(zip(*columns, strict=True))


JSON_ITEMS: list[Mapping[str, object]] = [
    {"id": 1, "title": "Cup &amp; Saucer", "categories": ["Home", "Kitchen", "Home", None]},
    {"id": -2, "title": "Toy\tRobot 🤖", "categories": "Toys"},
    {"id": 99999999999999999999999, "title": "Plain"},
]
JSON_EVENTS = [
    {"user_id": "u1", "item_id": 1, "timestamp": 20.5},
    {"user_id": "u1", "item_id": -2, "timestamp": "20.5"},
    {"user_id": "u2", "item_id": "-2", "timestamp": 10},
    {"user_id": "u2", "item_id": "gone", "timestamp": 11},
]
CSV_ITEMS = (
    "\ufeffproductId,product_title,genres\n"
    '1,"Cup &amp;\nSaucer",Home|Kitchen|Home\n'
    "\n"
    "-2,Toy  Robot 🤖,Toys\r\n"
    " 99999999999999999999999 ,Plain,(no genres listed)\n"
)
CSV_EVENTS = "userId,rating,asin,time\nu1,5,1,20.5\nu1,4,-2,20.5\nu2,1,-2,10\nu2,3,gone,11\n"
RECBOLE_ITEMS = (
    "item_id:token\tmovie_title:token_seq\tclass:token_seq\n"
    "1\tCup & Saucer\tHome Kitchen\n"
    "-2\tToy Robot 🤖\tToys\n"
    "99999999999999999999999\tPlain\t\n"
)
RECBOLE_EVENTS = (
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "u1\t1\t5\t2.05E1\nu1\t-2\t\t20.5\nu2\t-2\t1\t10\nu2\tgone\t1\t11\n"
)


@pytest.mark.parametrize(
    ("items", "item_text", "events", "event_text"),
    [
        ("i.jsonl", jsonl(JSON_ITEMS), "e.jsonl", jsonl(JSON_EVENTS)),
        ("i.ndjson.gz", jsonl(JSON_ITEMS), "e.jsonl.gz", jsonl(JSON_EVENTS)),
        ("i.json", json.dumps(JSON_ITEMS, indent=1), "e.json", jsonl(JSON_EVENTS)),
        ("i.json.gz", json.dumps(JSON_ITEMS), "e.JSONL", jsonl(JSON_EVENTS)),
        ("i.csv", CSV_ITEMS, "e.csv", CSV_EVENTS),
        ("i.csv.gz", CSV_ITEMS, "e.csv.gz", "\ufeff" + CSV_EVENTS),
        ("i.csv", CSV_ITEMS, "e.csv", CSV_EVENTS.replace("u1", '"u1"')),
        ("i.csv", CSV_ITEMS, "e.csv", CSV_EVENTS.replace("\n", "\r\n")),
        ("i.csv", CSV_ITEMS, "e.csv", "\n" + CSV_EVENTS.replace("1,20.5", " 1 , 20.5 ")),
        ("i.tsv", CSV_ITEMS.replace(",", "\t"), "e.tsv", CSV_EVENTS.replace(",", "\t")),
        ("x.item", RECBOLE_ITEMS, "x.inter", RECBOLE_EVENTS),
        ("x.item.gz", RECBOLE_ITEMS, "e.jsonl", jsonl(JSON_EVENTS)),
    ],
)
def test_every_text_format_says_the_same(
    tmp_path: Path, items: str, item_text: str, events: str, event_text: str
) -> None:
    source = read_source(write(tmp_path / items, item_text), write(tmp_path / events, event_text))
    assert source.items == ITEMS
    assert told(source.events) == EVENTS
    assert source.events.unknown_items == 1
    assert source.events.items.dictionary.to_pylist() == [item.id for item in ITEMS]
    assert sorted(source.events.users.dictionary.to_pylist()) == ["u1", "u2"]
    assert source.skipped == ()
    assert source.skipped_count == 0


def test_a_byte_order_mark_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    text = "\ufeff" + jsonl(JSON_ITEMS[:1]) + "\n   \n" + jsonl(JSON_ITEMS[1:])
    assert read_source(write(tmp_path / "i.jsonl", text), None).items == ITEMS


def test_without_events_there_are_none(tmp_path: Path) -> None:
    source = read_source(write(tmp_path / "i.jsonl", jsonl(JSON_ITEMS)), None)
    assert len(source.events) == 0
    assert told(source.events) == []
    assert source.events.timestamps.dtype == np.float64


def test_items_with_one_title_are_both_kept(tmp_path: Path) -> None:
    rows = [{"id": "a", "title": "Same"}, {"id": "b", "title": "Same"}]
    source = read_source(write(tmp_path / "i.jsonl", jsonl(rows)), None)
    assert [item.id for item in source.items] == ["a", "b"]


def test_every_other_scalar_is_an_attribute(tmp_path: Path) -> None:
    text = (
        '{"id": "a", "name": "T", "price": 2.5, "stock": 3, "new": true, "brand": " B&amp;B ",'
        ' "none": null, "blank": "", "rank": NaN, "size": {"w": 1}, "vector": [1, 2]}\n'
    )
    (item,) = read_source(write(tmp_path / "i.jsonl", text), None).items
    assert item.attributes == {"price": 2.5, "stock": 3, "new": True, "brand": "B&B"}
    (item,) = read_source(write(tmp_path / "i.csv", "id,title,zip\na,T,007\n"), None).items
    assert item.attributes == {"zip": "007"}
    recbole = 'item_id:token\ttitle:token\tprice:float\tv:float_seq\na\t"T" x\t2\t1 2\n'
    (item,) = read_source(write(tmp_path / "x.item", recbole), None).items
    assert item == Item("a", '"T" x', (), {"price": 2.0})


def test_categories_as_lists_or_texts(tmp_path: Path) -> None:
    values: tuple[object, ...] = (
        ["A|B", "C"],
        "A|B;C",
        "Home &amp; Garden;Toys",
        [["A", "B"], ["A"]],
        "",
        None,
        [],
    )
    rows = [{"id": place, "title": "t", "genre": value} for place, value in enumerate(values)]
    source = read_source(write(tmp_path / "i.jsonl", jsonl(rows)), None)
    assert [item.categories for item in source.items] == [
        ("A|B", "C"),
        ("A", "B;C"),
        ("Home & Garden", "Toys"),
        ("A", "B"),
        (),
        (),
        (),
    ]


def test_tsv_with_and_without_quoting(tmp_path: Path) -> None:
    text = 'id\ttitle\n1\t"Quoted\tand\nlong"\n2\t"Weird Al" Live\n3\t5" nails\n4\t"open\n5\tlast\n'
    source = read_source(write(tmp_path / "i.tsv", text), None)
    titles = ["Quoted and long", '"Weird Al" Live', '5" nails', '"open', "last"]
    assert [item.title for item in source.items] == titles


def test_columns_can_be_named_by_the_caller(tmp_path: Path) -> None:
    items = write(tmp_path / "i.csv", "id,asin,label,title,kind\nx,1,Cup,wrong,Home\n")
    events = write(tmp_path / "e.csv", "id,who,asin,item_id,at\n9,u,1,wrong,5\n")
    columns = {
        "id": "asin",
        "title": "label",
        "categories": "kind",
        "user": "who",
        "timestamp": "at",
    }
    source = read_source(items, events, columns=columns)
    assert source.items == (Item("1", "Cup", ("Home",), {"id": "x", "title": "wrong"}),)
    assert told(source.events) == [("u", "1", 5.0)]
    with pytest.raises(BadCatalogue, match="columns: 'ident' is none of id, title"):
        read_source(items, None, columns={"ident": "asin"})
    with pytest.raises(BadCatalogue, match="categories: looked for nope; found 'id', 'asin'"):
        read_source(items, None, columns={"categories": "nope"})


def test_a_column_named_by_the_caller_may_come_late_in_jsonl(tmp_path: Path) -> None:
    rows: list[Mapping[str, object]] = [{"id": n, "title": "t"} for n in range(1001)]
    items = write(tmp_path / "i.jsonl", jsonl([*rows, {"id": "z", "title": "t", "aisle": "A"}]))
    source = read_source(items, None, columns={"categories": "aisle"})
    assert source.items[-1].categories == ("A",)


def parquet(path: Path, columns: Mapping[str, pa.Array], group: int = 2) -> Path:
    pq.write_table(pa.table(dict(columns)), path, row_group_size=group)
    return path


def test_parquet_items(tmp_path: Path) -> None:
    columns = {
        "item_id": pa.array([1.0, 3.0, -4.0]),
        "title": pa.array(["A", "B\n", "C"]).dictionary_encode(),
        "category": pa.array([["x", "y"], None, ["x"]]),
        "price": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("2.5")]),
        "made": pa.array([1, None, 3], pa.timestamp("ns", "Europe/Berlin")),
        "day": pa.array([dt.date(2020, 1, 2), None, None]),
        "vector": pa.array([[0.5], [0.5], [0.5]]),
        "extra": pa.array([{"a": 1}] * 3),
        "score": pa.array([1.0, math.nan, 2.0]),
    }
    first, second, third = read_source(parquet(tmp_path / "i.parquet", columns), None).items
    assert first == Item(
        "1",
        "A",
        ("x", "y"),
        {"price": 1.5, "made": "1970-01-01T00:00:00", "day": "2020-01-02", "score": 1.0},
    )
    assert second == Item("3", "B", ())
    assert third.id == "-4"


@pytest.mark.parametrize(
    ("users", "items", "times"),
    [
        (pa.array([7, 8, 7]), pa.array([1.0, 3.0, 9.0]), pa.array([5, 4, 3])),
        (pa.array(["7", "8", "7"]), pa.array([1, 3, 9], pa.int8()), pa.array(["5", "4", "3"])),
        (
            pa.array(["7", " 8", "7"], pa.large_string()).dictionary_encode(),
            pa.array(["1", "3", "9"]).dictionary_encode(),
            pa.array([5, 4, 3], pa.timestamp("s")),
        ),
        (
            pa.array([7, 8, 7], pa.decimal128(5, 0)),
            pa.array(["1", "3", "9"], pa.string_view()),
            pa.array([5_000_000_000, 4_000_000_000, 3], pa.timestamp("ns", "UTC")),
        ),
        (
            pa.array([7, 8, 7]),
            pa.array([1, 3, 9]),
            pa.array([decimal.Decimal(5), decimal.Decimal(4), decimal.Decimal(3)]),
        ),
    ],
)
def test_parquet_events(tmp_path: Path, users: pa.Array, items: pa.Array, times: pa.Array) -> None:
    shop = write(tmp_path / "i.csv", "id,title\n1,A\n3,B\n")
    columns = {"ts": times, "user": users, "item": items, "rating": pa.array([1.0, 2.0, 3.0])}
    source = read_source(shop, parquet(tmp_path / "e.parquet", columns))
    assert told(source.events) == [("8", "3", 4.0), ("7", "1", 5.0)]
    assert source.events.unknown_items == 1


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1500000000", 1.5e9),
        ("1500000000.25", 1500000000.25),
        ("1500000000250", 1500000000.25),
        ("1500000000250000", 1500000000.25),
        ("1500000000000000000", 1.5e9),
        ("-5", -5.0),
        ("0", 0.0),
        ("1.5E9", 1.5e9),
        ("2017-07-14T02:40:00Z", 1.5e9),
        ("2017-07-14 02:40:00", 1.5e9),
        ("2017-07-14T04:40:00+02:00", 1.5e9),
        ("2017-07-14T02:40:00.25", 1500000000.25),
        ("2017-07-14", 1499990400.0),
    ],
)
def test_timestamps(tmp_path: Path, suffix: str, text: str, seconds: float) -> None:
    shop = write(tmp_path / "i.csv", "id,title\n1,A\n")
    rows = {
        "csv": f"user,item,timestamp\nu,1,{text}\n",
        "jsonl": jsonl([{"user": "u", "item": "1", "timestamp": text}]),
    }
    events = write(tmp_path / f"e.{suffix}", rows[suffix])
    assert read_source(shop, events).events.timestamps.tolist() == [seconds]


def test_timestamps_of_several_shapes_in_one_file(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", "id,title\n1,A\n")
    times = ["2017-07-14T02:40:00Z", "1500000001", "2017-07-14 02:40:02"]
    text = "user,item,timestamp\n" + "".join(f"u,1,{time}\n" for time in times)
    source = read_source(shop, write(tmp_path / "e.csv", text))
    assert source.events.timestamps.tolist() == [1.5e9, 1.5e9 + 1, 1.5e9 + 2]


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "parquet"])
def test_many_events_are_sorted_by_time_and_then_as_they_came(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(3)
    count = 150_000  # several of the pieces in which Parquet is read
    users, items = rng.integers(0, 300, count), rng.integers(0, 45, count)
    times = rng.integers(0, 500, count)
    shop = write(tmp_path / "i.csv", "id,title\n" + "".join(f"{n},t{n}\n" for n in range(40)))
    path = tmp_path / f"e.{suffix}"
    rows = list(zip(users.tolist(), items.tolist(), times.tolist(), strict=True))
    if suffix == "parquet":
        columns = {"user": pa.array(users), "item": pa.array(items), "time": pa.array(times)}
        parquet(path, columns, 60_000)
    elif suffix == "jsonl":
        lines = (f'{{"user": {u}, "item": {i}, "time": {t}}}\n' for u, i, t in rows)
        write(path, "".join(lines))
    else:
        write(path, "user,item,time\n" + "".join(f"{u},{i},{t}\n" for u, i, t in rows))
    events = read_source(shop, path).events
    known = [(str(u), str(i), float(t)) for u, i, t in rows if i < 40]
    assert told(events) == sorted(known, key=lambda row: row[2])
    assert events.unknown_items == count - len(known)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet", "json"])
def test_progress_reaches_the_end_and_never_goes_back(tmp_path: Path, suffix: str) -> None:
    count = 20_000
    items = tmp_path / f"i.{suffix}"
    if suffix == "parquet":
        parquet(items, {"id": pa.array(range(count)), "title": pa.array(["t"] * count)}, 5000)
    elif suffix == "csv":
        write(items, "id,title\n" + "".join(f"{n},t\n" for n in range(count)))
    else:
        rows = [{"id": n, "title": "t"} for n in range(count)]
        write(items, jsonl(rows) if suffix == "jsonl" else json.dumps(rows))
    events = write(tmp_path / "e.csv", "user,item,time\n" + "u,1,2\n" * count)
    calls: list[tuple[int, int | None]] = []
    read_source(items, events, progress=lambda done, total: calls.append((done, total)))
    size = items.stat().st_size + events.stat().st_size
    assert {total for _, total in calls} == {size}
    done = [done for done, _ in calls]
    assert done == sorted(done)
    assert done[-1] == size


def movielens(folder: Path) -> Path:
    folder.mkdir()
    write(
        folder / "movies.csv",
        "movieId,title,genres\n"
        '11,"American President, The (1995)",Comedy|Drama\n'
        "12,Untold (1996),(no genres listed)\n",
    )
    write(
        folder / "ratings.csv",
        "userId,movieId,rating,timestamp\n1,12,2.5,1260759144\n1,11,3.0,1260759143\n",
    )
    write(folder / "tags.csv", "userId,movieId,tag,timestamp\n")
    return folder


def test_a_movielens_folder(tmp_path: Path) -> None:
    folder = movielens(tmp_path / "ml")
    source = read_source(folder, None)
    assert source.items == (
        Item("11", "American President, The (1995)", ("Comedy", "Drama")),
        Item("12", "Untold (1996)"),
    )
    assert told(source.events) == [("1", "11", 1260759143.0), ("1", "12", 1260759144.0)]
    assert told(read_source(folder / "movies.csv", folder).events) == told(source.events)
    other = write(tmp_path / "e.csv", "user,item,time\nu,11,1\n")
    assert told(read_source(folder, other).events) == [("u", "11", 1.0)]
    (folder / "ratings.csv").unlink()
    assert len(read_source(folder, None).events) == 0


def test_a_recbole_folder(tmp_path: Path) -> None:
    write(tmp_path / "shop.item", RECBOLE_ITEMS)
    write(tmp_path / "shop.inter", RECBOLE_EVENTS)
    source = read_source(tmp_path, None)
    assert source.items == ITEMS
    assert told(source.events) == EVENTS


def test_the_movielens_sample(shared_data: Path) -> None:
    source = read_source(shared_data / "ml-latest-small", None)
    assert len(source.items) == 9_125
    assert len(source.events) == 100_004
    assert len(source.events.users.dictionary) == 671
    assert source.events.unknown_items == 0
    assert (np.diff(source.events.timestamps) >= 0).all()
    categories = {name for item in source.items for name in item.categories}
    assert len(categories) == 19
    assert "(no genres listed)" not in categories


def test_broken_rows_are_refused_for_what_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "i.json", '[{"id": 1, "title": "A"},\n{"title": "B"}, 7\n]')
    with pytest.raises(BadRows) as caught:
        read_source(path, None)
    assert caught.value.message == (
        "2 bad rows:\ni.json:2: no id\ni.json:2: not an object but a number"
    )
