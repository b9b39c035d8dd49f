from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.catalog.read import RowProblem, Source, read_source
from service.domain import Item
from service.errors import BadCatalogue, BadRows

GOOD = '{"id": "ok", "title": "Fine"}\n'
SHOP = "id,title\n1,A\n2,B\n"


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refused(items: Path, events: Path | None = None) -> list[str]:
    """The lines of the refusal, after checking that skipping leaves out just those."""
    with pytest.raises(BadRows) as caught:
        read_source(items, events)
    head, *lines = caught.value.message.splitlines()
    source = read_source(items, events, skip_bad=True)
    assert list(map(str, source.skipped)) == lines
    assert head == f"{source.skipped_count} bad row{'s' if source.skipped_count > 1 else ''}:"
    assert "--skip-bad" in caught.value.hint
    return lines


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"title": "T"}', "no id"),
        ('{"id": null, "title": "T"}', "no id"),
        ('{"id": " ", "title": "T"}', "no id"),
        ('{"id": NaN, "title": "T"}', "no id"),
        ('{"id": true, "title": "T"}', "id is true or false"),
        ('{"id": [1], "title": "T"}', "id is a list"),
        ('{"id": {}, "title": "T"}', "id is an object"),
        ('{"id": 1.5, "title": "T"}', "id is not a whole number: 1.5"),
        ('{"id": 1e300, "title": "T"}', "id is a float too large to be exact: 1e+300"),
        ('{"id": "a\\u0000b", "title": "T"}', "id holds a control character"),
        ('{"id": "a\\ud800", "title": "T"}', "id holds a control character"),
        ('{"id": ".", "title": "T"}', "id is '.', which no path can say"),
        ('{"id": " .. ", "title": "T"}', "id is '..', which no path can say"),
        ('{"id": 1}', "no title"),
        ('{"id": 1, "title": null}', "no title"),
        ('{"id": 1, "title": ""}', "no title"),
        ('{"id": 1, "title": " \\u200b\\n"}', "no title: nothing of it can be seen"),
        ('{"id": 1, "title": "\\ud83d"}', "no title: nothing of it can be seen"),
        ('{"id": 1, "title": 5}', "title is a number"),
        ('{"id": 1, "title": ["T"]}', "title is a list"),
        ('{"id": 1, "title": {"en": "T"}}', "title is an object"),
        ('{"id": 1, "title": "T", "categories": 7}', "categories is a number"),
        ('{"id": 1, "title": "T", "categories": true}', "categories is true or false"),
        ('{"id": 1, "title": "T", "categories": {"a": 1}}', "categories is an object"),
        ('{"id": 1, "title": "T", "categories": ["a", 3]}', "categories holds a number"),
        ('{"id": "ok", "title": "T"}', "duplicate id 'ok', first on line 1"),
        ('["id", 1]', "not an object but a list"),
        ("null", "not an object but nothing"),
        ('"text"', "not an object but a text"),
        ('{"id": 1, "title": "T"', "broken JSON: Expecting ',' delimiter at column 23"),
        ("[" * 100_000, "broken JSON"),
        ('{"id": ' + "9" * 5000 + ', "title": "T"}', "broken JSON"),
        ("garbage", "broken JSON: Expecting value at column 1"),
        (b'{"id": 1, "title": "caf\xe9"}', "bytes that are not UTF-8 at byte 24"),
    ],
)
def test_a_bad_line_of_jsonl(tmp_path: Path, row: str | bytes, reason: str) -> None:
    raw = row if isinstance(row, bytes) else row.encode()
    path = write(tmp_path / "items.jsonl", GOOD.encode() + b"\n" + raw + b"\n")
    (line,) = refused(path)
    assert line.startswith(f"items.jsonl:3: {reason}")
    assert read_source(path, None, skip_bad=True).items == (Item("ok", "Fine"),)


def test_surrogates_in_a_title_only_cost_themselves(tmp_path: Path) -> None:
    path = write(tmp_path / "i.jsonl", '{"id": 1, "title": "a\\ud83d b \\ud83e\\udd16"}')
    assert read_source(path, None).items == (Item("1", "a b 🤖"),)


def test_bad_rows_of_csv_have_their_physical_lines(tmp_path: Path) -> None:
    text = (
        b"id,title,categories\n"
        b'1,"Two\nlines",A\n'  # lines 2 and 3
        b"2,short\n"
        b"3,T,A,long\n"
        b"\n"
        b",no id,A\n"
        b"4,,A\n"
        b"5,caf\xe9,A\n"
        b'6,"Three\n\nlines \xff",A\n'  # lines 10 to 12
        b'7,"stray" quote,A\n'
        b'8,"never closed,A\n'
        b"9,Fine,A\n"
        b"1,Again,A\n"
        b'10,"5"" nails",B\n'
    )
    path = write(tmp_path / "i.csv", text)
    assert refused(path) == [
        "i.csv:4: 2 fields where the header has 3",
        "i.csv:5: 4 fields where the header has 3",
        "i.csv:7: no id",
        "i.csv:8: no title",
        "i.csv:9: bytes that are not UTF-8",
        "i.csv:10: bytes that are not UTF-8",
        "i.csv:13: cannot be parsed: ',' expected after '\"'",
        "i.csv:14: cannot be parsed: ',' expected after '\"'",
        "i.csv:16: duplicate id '1', first on line 2",
    ]
    items = read_source(path, None, skip_bad=True).items
    assert [item.title for item in items] == ["Two lines", "Fine", '5" nails']


def test_bad_rows_of_recbole(tmp_path: Path) -> None:
    text = "item_id:token\ttitle:token_seq\tprice:float\na\tT\tcheap\nb\tT\nc\tT\t1\n"
    assert refused(write(tmp_path / "x.item", text)) == [
        "x.item:2: price is not a number: 'cheap'",
        "x.item:3: 2 fields where the header has 3",
    ]


def test_bad_rows_of_parquet_have_their_row_numbers(tmp_path: Path) -> None:
    columns = {"id": [1.0, None, 2.5, math.nan, 1.0], "title": ["A", "B", "C", "D", None]}
    path = tmp_path / "i.parquet"
    pq.write_table(pa.table(columns), path)
    assert refused(path) == [
        "i.parquet:2: no id",
        "i.parquet:3: id is not a whole number: 2.5",
        "i.parquet:4: no id",
        "i.parquet:5: no title",
    ]


EVENT_ROWS = [
    ("u,1,5", ""),
    (",1,5", "no user"),
    ("u,,5", "no item"),
    ("u,1,", "no timestamp"),
    ("u,1,nan", "timestamp is neither a finite number nor ISO 8601: 'nan'"),
    ("u,1,inf", "timestamp is neither a finite number nor ISO 8601: 'inf'"),
    ("u,1,1e999", "timestamp is not finite"),
    ("u,1,soon", "timestamp is neither a finite number nor ISO 8601: 'soon'"),
    ("u,1", "2 fields where the header has 3"),
    ("u\x01,1,5", "user holds a control character"),
    ("..,1,5", "user is '..', which no path can say"),
    ("u,.,5", "item is '.', which no path can say"),
    ("...,1,7", ""),
    ("u,gone,5", ""),
    ('u,"1"x,5', "cannot be parsed: ',' expected after '\"'"),
    ("u,gone,", "no timestamp"),
    ('u,"1,5', "cannot be parsed: unexpected end of data"),
    ("u,2,6", ""),
]


def test_bad_events_are_found_behind_the_fast_road(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    text = "user,item,time\n" + "".join(f"{row}\n" for row, _ in EVENT_ROWS)
    path = write(tmp_path / "e.csv", text)
    lines = refused(shop, path)
    expected = [f"e.csv:{n}: {why}" for n, (_, why) in enumerate(EVENT_ROWS, 2) if why]
    assert lines == expected
    events = read_source(shop, path, skip_bad=True).events
    assert events.items.to_pylist() == ["1", "2", "1"]
    assert events.users.to_pylist() == ["u", "u", "..."]
    assert events.unknown_items == 1


@pytest.mark.parametrize("row", [row for row, why in EVENT_ROWS if why])
def test_each_bad_event_alone_is_found(tmp_path: Path, row: str) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    path = write(tmp_path / "e.csv", f"user,item,time\nu,1,1\n{row}\nu,2,2\n")
    if row == 'u,"1"x,5':
        # Arrow drops the quotes amid a field, which is the one thing it takes more lightly.
        assert read_source(shop, path).events.unknown_items == 1
        return
    (line,) = refused(shop, path)
    assert line.startswith("e.csv:3: ")


def test_a_quote_never_closed_swallows_no_events(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    text = 'user,item,review,time\nu,1,"open,1\nu,2,fine,2\nv,1,also" fine,3\nv,2,"a\nb",4\n'
    path = write(tmp_path / "e.csv", text)
    (line,) = refused(shop, path)
    assert line.startswith("e.csv:2: cannot be parsed")
    events = read_source(shop, path, skip_bad=True).events
    assert events.timestamps.tolist() == [2.0, 3.0, 4.0]


def test_events_that_are_not_utf8(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    path = write(tmp_path / "e.csv", b"user,item,time\nu,1,1\n\xff,1,1\n")
    assert refused(shop, path) == ["e.csv:3: bytes that are not UTF-8"]


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("user", pa.array(["u", None]), "no user"),
        ("user", pa.array(["u", ".."]), "user is '..', which no path can say"),
        ("item", pa.array([1.0, None]), "no item"),
        ("item", pa.array([1.0, 1.5]), "item is not a whole number: 1.5"),
        ("time", pa.array([1.0, None]), "no timestamp"),
        ("time", pa.array([1.0, math.inf]), "timestamp is not finite"),
        ("time", pa.array([1.0, math.nan]), "timestamp is not finite"),
        ("time", pa.array(["1", "x"]), "timestamp is neither a finite number nor ISO 8601: 'x'"),
        ("time", pa.array([[1], [2]]), "timestamp is a list"),
        ("time", pa.array([True, False]), "timestamp is true or false"),
    ],
)
def test_bad_events_of_parquet(tmp_path: Path, column: str, values: pa.Array, reason: str) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    columns = {"user": pa.array(["u", "u"]), "item": pa.array([1, 2]), "time": pa.array([1, 2])}
    pq.write_table(pa.table({**columns, column: values}), tmp_path / "e.parquet")
    assert refused(shop, tmp_path / "e.parquet")[-1] == f"e.parquet:2: {reason}"


def test_bad_events_of_jsonl(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    rows: list[object] = [
        {"user": "u", "item": "1", "time": True},
        {"user": "u", "item": "1", "time": {}},
        {"user": 1, "item": 1, "time": 10**400},
        {"user": 1, "item": 1, "time": 1},
        {"user": 1, "item": 1},
        7,
    ]
    path = write(tmp_path / "e.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert refused(shop, path) == [
        "e.jsonl:1: timestamp is true or false",
        "e.jsonl:2: timestamp is an object",
        "e.jsonl:3: timestamp is not finite",
        "e.jsonl:5: no timestamp",
        "e.jsonl:6: not an object but a number",
    ]


def test_both_files_are_complained_of_at_once(tmp_path: Path) -> None:
    items = write(tmp_path / "i.csv", SHOP + "3,\n")
    events = write(tmp_path / "e.csv", "user,item,time\n,1,1\n")
    assert refused(items, events) == ["i.csv:4: no title", "e.csv:2: no user"]


def test_fifty_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "i.jsonl", GOOD + '{"id": 1}\n' * 73)
    with pytest.raises(BadRows) as caught:
        read_source(path, None)
    head, *lines, last = caught.value.message.splitlines()
    assert head == "73 bad rows:"
    assert lines == [f"i.jsonl:{n}: no title" for n in range(2, 52)]
    assert last == "... and 23 more"
    source: Source = read_source(path, None, skip_bad=True)
    assert source.skipped_count == 73
    assert len(source.skipped) == 50
    assert source.skipped[0] == RowProblem("i.jsonl", 2, "no title")


def test_a_key_that_no_row_has_is_explained(tmp_path: Path) -> None:
    path = write(tmp_path / "i.jsonl", '{"id": 1, "headline": "T"}\n')
    with pytest.raises(BadRows, match=r"i\.jsonl:1: no title") as caught:
        read_source(path, None)
    assert "no column for title: looked for title, name" in caught.value.hint
    assert "found 'id', 'headline'" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("i.xlsx", "x", r"i\.xlsx: unknown suffix; looked for one of \.jsonl, "),
        ("items", "x", "items: unknown suffix"),
        ("i.gz", "x", r"i\.gz: unknown suffix"),
        ("i.csv", "", r"i\.csv:1: no header: the file is empty"),
        ("i.csv", "\n\n", r"i\.csv:1: no header: the file is empty"),
        ("i.csv", "id,title\n", r"i\.csv: no items"),
        ("i.jsonl", "", r"i\.jsonl: no items"),
        ("i.json", "[]", r"i\.json: no items"),
        ("i.json", "", r"i\.json: no items"),
        ("i.json", '[{"id": 1,\n "title": "T"},\n {"id" 2}]', r"i\.json:3: broken JSON inside"),
        ("i.json", '[{"id": 1, "title": "T"}', r"i\.json:1: broken JSON inside"),
        ("i.json", b'[{"id": "\xff"}]', r"i\.json: bytes that are not UTF-8 at byte 10"),
        ("i.csv", "id,label\n1,A\n", "no column for title: looked for title, .*; found 'id', 'l"),
        ("i.csv", "a,b\n1,A\n", "no column for id: looked for .*; i.csv: no column for title"),
        ("i.csv", "id,title,title\n1,A,B\n", "two columns have one name: title"),
        ("i.csv", b"id,t\xeftle\n1,A\n", r"i\.csv:1: no header: bytes that are not UTF-8"),
        ("i.csv", 'id,"title\n1,A\n', r"i\.csv:1: no header: cannot be parsed"),
        ("x.item", "item_id:token\ttitle\n1\tA\n", r"x\.item:1: the header is not `name:type`"),
        ("i.csv.gz", "id,title\n1,A\n", r"i\.csv\.gz: cannot be read: Not a gzipped file"),
        ("i.jsonl.gz", gzip.compress(GOOD.encode(), mtime=0)[:-9], r"i\.jsonl\.gz: cannot be read"),
        ("i.parquet", "no parquet", r"i\.parquet: cannot be read"),
    ],
)
def test_files_that_cannot_be_used(
    tmp_path: Path, name: str, data: str | bytes, message: str
) -> None:
    path = write(tmp_path / name, data)
    for skip_bad in (False, True):
        with pytest.raises(BadCatalogue, match=message) as caught:
            read_source(path, None, skip_bad=skip_bad)
        assert type(caught.value) is BadCatalogue


def test_events_that_cannot_be_used(tmp_path: Path) -> None:
    shop = write(tmp_path / "i.csv", SHOP)
    with pytest.raises(BadCatalogue, match="no column for timestamp: looked for timestamp, ts"):
        read_source(shop, write(tmp_path / "e.csv", "user,item,when\nu,1,1\n"))
    with pytest.raises(BadCatalogue, match="there is no such file"):
        read_source(shop, tmp_path / "nowhere.csv")
    whole = gzip.compress(b"user,item,time\n" + b"u,1,1\n" * 1000)
    with pytest.raises(BadCatalogue, match="cannot be read"):
        read_source(shop, write(tmp_path / "e.csv.gz", whole[:-10]))


@pytest.mark.parametrize("name", ["e.csv", "e.jsonl", "e.parquet", "e.inter"])
def test_no_events_in_the_file_is_no_error(tmp_path: Path, name: str) -> None:
    shop, path = write(tmp_path / "i.csv", SHOP), tmp_path / name
    if name.endswith("parquet"):
        texts = pa.array([], pa.string())
        pq.write_table(pa.table({"user": texts, "item": texts, "time": texts}), path)
    else:
        header = {"e.csv": "user,item,time\n", "e.inter": "user:token\titem:token\ttime:float\n"}
        write(path, header.get(name, ""))
    assert len(read_source(shop, path).events) == 0


def test_when_all_rows_are_bad_there_is_nothing_to_build_from(tmp_path: Path) -> None:
    path = write(tmp_path / "i.jsonl", '{"id": 1}\n')
    with pytest.raises(BadCatalogue, match=r"no items\ni\.jsonl:1: no title") as caught:
        read_source(path, None, skip_bad=True)
    assert type(caught.value) is BadCatalogue


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match="there is no such file"):
        read_source(tmp_path / "nowhere", None)
    with pytest.raises(BadCatalogue, match=r"looked for items, movies.*found nothing"):
        read_source(tmp_path, None)
    write(tmp_path / "links.csv", SHOP)
    with pytest.raises(BadCatalogue, match=r"looked for items, movies.*found links\.csv"):
        read_source(tmp_path, None)
    write(tmp_path / "items.csv", SHOP)
    assert len(read_source(tmp_path, None).items) == 2
    with pytest.raises(BadCatalogue, match="looked for events, ratings"):
        read_source(tmp_path / "items.csv", tmp_path)
    write(tmp_path / "items.jsonl", GOOD)
    with pytest.raises(BadCatalogue, match=r"which of these to read: items\.csv, items\.jsonl"):
        read_source(tmp_path, None)
