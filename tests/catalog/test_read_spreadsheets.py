"""CSV as spreadsheets write it, which part fields and write letters as their country does."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.catalog.read import Source, read_source
from service.errors import BadCatalogue, BadRows

ROWS = [["id", "title", "categories"], ["1", "Suppe, heiß", "Küche|Neu"], ["2", "Topf", "Küche"]]
MET = [["user", "item", "timestamp"], ["u1", "1", "20"], ["u1", "2", "10"]]


def sheet(path: Path, rows: list[list[str]], sign: str, *, quoted: bool = False) -> Path:
    mark = '"' if quoted else ""
    lines = [sign.join(f"{mark}{cell}{mark}" for cell in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig")
    return path


def told(source: Source) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.id, item.title, tuple(item.categories)) for item in source.items]


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("sign", [";", "\t"])
def test_what_parts_fields_is_read_from_the_header(tmp_path: Path, sign: str, quoted: bool) -> None:
    items = sheet(tmp_path / "i.csv", ROWS, sign, quoted=quoted)
    events = sheet(tmp_path / "e.csv", MET, sign, quoted=quoted)
    source = read_source(items, events)
    assert told(source) == [("1", "Suppe, heiß", ("Küche", "Neu")), ("2", "Topf", ("Küche",))]
    assert source.events.items.to_pylist() == ["2", "1"]


def test_a_comma_in_the_header_parts_it(tmp_path: Path) -> None:
    rows = [["id", "title;subtitle", "categories"], ["1", "Soup; hot", "Quick;New"]]
    source = read_source(
        sheet(tmp_path / "i.csv", [[*rows[0], "title"], [*rows[1], "A"]], ","), None
    )
    assert told(source) == [("1", "A", ("Quick", "New"))]


@pytest.mark.parametrize(
    ("sign", "called"), [(",", "','"), (";", "';'"), ("\t", "tabs")], ids=["comma", "semi", "tab"]
)
def test_a_column_that_is_not_there_is_told_with_what_parted_them(
    tmp_path: Path, sign: str, called: str
) -> None:
    with pytest.raises(BadCatalogue) as refused:
        read_source(sheet(tmp_path / "i.csv", [["nummer", "titel"], ["1", "Topf"]], sign), None)
    assert f"found 'nummer', 'titel', parted by {called}" in refused.value.message
    assert "--column id=NAME --column title=NAME" in refused.value.hint
    named = {"id": "nummer", "title": "titel"}
    assert told(read_source(tmp_path / "i.csv", None, columns=named)) == [("1", "Topf", ())]


def test_a_header_in_one_piece_is_one_column(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("id\n1\n", "utf-8")
    with pytest.raises(BadCatalogue, match=r"no column for title.*found 'id', parted by ','"):
        read_source(tmp_path / "i.csv", None)


@pytest.mark.parametrize(("name", "sign"), [("i.csv", ";"), ("i.tsv", "\t")])
def test_letters_of_another_code_are_to_be_saved_anew(tmp_path: Path, name: str, sign: str) -> None:
    text = "\n".join(sign.join(row) for row in ROWS)
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadRows) as refused:
        read_source(tmp_path / name, None)
    assert refused.value.hint.startswith("Save the file as UTF-8 (in Excel: as CSV UTF-8).")
    assert refused.value.hint.count("UTF-8 (in Excel") == 1
    (tmp_path / name).write_bytes(text.encode("utf-16"))
    with pytest.raises(BadCatalogue, match="not UTF-8") as refused_at_once:
        read_source(tmp_path / name, None)
    assert refused_at_once.value.hint.startswith("Save the file as UTF-8")


def test_a_json_array_of_another_code_is_told_likewise(tmp_path: Path) -> None:
    (tmp_path / "i.json").write_bytes('[{"id": "ü"}]'.encode("latin-1"))
    with pytest.raises(BadCatalogue) as refused:
        read_source(tmp_path / "i.json", None)
    assert refused.value.hint.startswith("Save the file as UTF-8")


def test_rows_that_are_bad_by_themselves_need_no_saving(tmp_path: Path) -> None:
    with pytest.raises(BadRows) as refused:
        read_source(sheet(tmp_path / "i.csv", [*ROWS, ["3", "", ""]], ";"), None)
    assert "UTF-8" not in refused.value.hint


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (
            ["A|Suppen;Eintöpfe", "Suppen;Eintöpfe"],
            [("A", "Suppen;Eintöpfe"), ("Suppen;Eintöpfe",)],
        ),
        (["A;B", "C", "B;C"], [("A", "B"), ("C",), ("B", "C")]),
        (["A&#124;B", "C;D"], [("A", "B"), ("C", "D")]),
        (["A&#124;C;D", "C;D", "D;E"], [("A", "C;D"), ("C;D",), ("D", "E")]),
        (["Home|Garden", "Soups;Stews"], [("Home", "Garden"), ("Soups", "Stews")]),
        (["Home &amp; Garden", "A;B"], [("Home & Garden",), ("A", "B")]),
        (["", "A;B"], [(), ("A", "B")]),
    ],
)
def test_a_name_with_a_semicolon_is_one_wherever_it_stands(
    tmp_path: Path, cells: list[str], read: list[tuple[str, ...]]
) -> None:
    rows = [["id", "title", "categories"], *([f"{n}", "T", c] for n, c in enumerate(cells))]
    for order in (1, -1):
        path = sheet(tmp_path / "i.csv", [rows[0], *rows[1:][::order]], ",")
        assert [named for _, _, named in told(read_source(path, None))] == read[::order]
