from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog import ids as ids_module
from service.catalog.ids import IdTable, hash_ids

ids = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), unique=True, min_size=1)
asked = st.lists(st.text(max_size=8))


@given(ids, asked)
def test_it_answers_as_a_dictionary_does(known: list[str], others: list[str]) -> None:
    table = IdTable.over(pa.array(known, pa.large_string()))
    places = {name: row for row, name in enumerate(known)}
    questions = [*known, *others, *known[:1]]
    for _ in range(2):
        assert table.rows_of(questions).tolist() == [places.get(name, -1) for name in questions]


def test_only_ids_that_there_are_are_remembered_and_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ids_module, "KEPT", 3)
    table = IdTable.over(pa.array(["a", "b", "c", "d", "e"], pa.large_string()))
    assert table.rows_of(["x", "a", "y"]).tolist() == [-1, 0, -1]
    assert table._known == {"a": 0}
    assert table.rows_of(["a", "b", "c", "x"]).tolist() == [0, 1, 2, -1]
    assert table.rows_of(["e", "d"]).tolist() == [4, 3]
    assert set(table._known) == {"a", "b", "c"}


@given(ids, asked, st.integers(1, 3))
def test_equal_hashes_are_told_apart(known: list[str], others: list[str], bits: int) -> None:
    mask = np.uint64((1 << bits) - 1)
    hashes = hash_ids(known) & mask
    order = np.argsort(hashes, kind="stable")
    table = IdTable(hashes[order], order, pa.array(known, pa.large_string()))
    places = {name: row for row, name in enumerate(known)}
    questions = [*known, *others]
    rows = table.matching(questions, hash_ids(questions) & mask)
    assert rows.tolist() == [places.get(name, -1) for name in questions]


def test_nothing_is_found_where_there_is_nothing() -> None:
    table = IdTable.over(pa.array([], pa.large_string()))
    assert table.rows_of(["a", "b"]).tolist() == [-1, -1]
    assert table.rows_of([]).tolist() == []


def test_hashes_are_the_same_everywhere() -> None:
    assert hash_ids(["a", "b1"])[1] == 15779520396620607129
