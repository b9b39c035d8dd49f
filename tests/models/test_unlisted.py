"""Interactions that come without a list of items."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.data.dataset import read_dataset
from service.errors import BadCatalogue, BadRows

HEAD = "user_id:token\titem_id:token\trating:float\ttimestamp:float"


def folder(path: Path, *rows: str, head: str = HEAD) -> Path:
    (path / "shop.inter").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_what_was_met_is_all_there_is(tmp_path: Path) -> None:
    rows = ("u 1\ta hat\t4.5\t2", "u 1\ta cap\t1\t1", "u 2\ta hat\t.5\t3", "u 2\ta hat\t.5\t4")
    found = read_dataset(folder(tmp_path, *rows))
    assert found.ids == ("a hat", "a cap")
    assert [(item.title, item.categories) for item in found.source.items] == [
        ("a hat", ()),
        ("a cap", ()),
    ]
    assert found.users == ("u 1", "u 2")
    assert [met.tolist() for met in found.sequences] == [[1, 0], [0]]


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    data = folder(tmp_path, "u\th\t1", head="who:token\tthing:token\tmet:float")
    named = {"user": "who", "item": "thing", "timestamp": "met"}
    assert read_dataset(data, named).ids == ("h",)
    with pytest.raises(BadCatalogue, match="no column for item"):
        read_dataset(data)


def test_rows_that_cannot_be_used_are_told_once(tmp_path: Path) -> None:
    data = folder(tmp_path, "u\th\t1\t1", "u\t\t1\t2", "u\tc\t1\tnever", "u")
    with pytest.raises(BadRows, match="3 bad rows"):
        read_dataset(data)
    found = read_dataset(data, skip_bad=True)
    assert found.source.skipped_count == 3
    assert [met.tolist() for met in found.sequences] == [[0]]


def test_a_header_and_nothing_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match="no interactions"):
        read_dataset(folder(tmp_path))


def test_two_files_of_interactions_are_one_too_many(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "other.inter").write_text(HEAD + "\n", "utf-8")
    with pytest.raises(BadCatalogue, match="no file to read"):
        read_dataset(tmp_path)
