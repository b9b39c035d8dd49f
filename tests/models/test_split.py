from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.dataset import Dataset, dataset_of, read_dataset
from models.data.split import Split, leave_one_out
from service.catalog.read import read_source

MET = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60)


def made(folder: Path, met: list[tuple[int, int]]) -> Dataset:
    items = "\n".join(f"i{n},Title {n},Odd" for n in range(10))
    (folder / "items.csv").write_text(f"id,title,categories\n{items}\n", "utf-8")
    rows = "".join(f"u{user},i{item},{at}\n" for at, (user, item) in enumerate(met))
    (folder / "events.csv").write_text(f"user_id,item_id,timestamp\n{rows}", "utf-8")
    return dataset_of(read_source(folder, None), "made")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("split")


def firsts(met: list[tuple[int, int]], user: str) -> list[int]:
    items = [item for who, item in met if f"u{who}" == user]
    return list(dict.fromkeys(items))


def kept(split: Split) -> set[tuple[str, int]]:
    events = split.learnt_from().events
    return set(zip(events.users.to_pylist(), events.items.indices.to_pylist(), strict=True))


@given(met=MET)
def test_a_sequence_has_each_item_where_it_was_first_met(
    folder: Path, met: list[tuple[int, int]]
) -> None:
    dataset = made(folder, met)
    assert [list(s) for s in dataset.sequences] == [firsts(met, user) for user in dataset.users]


@given(met=MET)
def test_the_last_is_tested_the_last_but_one_tunes_the_rest_is_learnt_from(
    folder: Path, met: list[tuple[int, int]]
) -> None:
    dataset = made(folder, met)
    split = leave_one_out(dataset)
    asked = [user for user, s in enumerate(dataset.sequences) if len(s) >= 3]
    assert [case.user for case in split.validation] == [case.user for case in split.test] == asked
    for validation, test in zip(split.validation, split.test, strict=True):
        whole = dataset.sequences[test.user]
        assert [*test.history, test.target] == list(whole)
        assert [*validation.history, validation.target] == list(test.history)
        np.testing.assert_array_equal(split.train[test.user], validation.history)


@given(met=MET)
def test_nothing_asked_about_is_learnt_from(folder: Path, met: list[tuple[int, int]]) -> None:
    split = leave_one_out(made(folder, met))
    learnt = kept(split)
    for case in (*split.validation, *split.test):
        assert (split.dataset.users[case.user], case.target) not in learnt
    for user, sequence in enumerate(split.train):
        name = split.dataset.users[user]
        assert {item for who, item in learnt if who == name} == set(sequence.tolist())


def test_what_came_after_is_not_learnt_from_though_it_was_met_before(folder: Path) -> None:
    met = [(0, 1), (0, 2), (0, 1), (0, 3), (0, 1), (0, 1)]
    events = leave_one_out(made(folder, met)).learnt_from().events
    assert events.items.indices.to_pylist() == [1]
    assert events.timestamps.tolist() == [0]


def test_short_users_are_learnt_from_and_not_asked_about(folder: Path) -> None:
    split = leave_one_out(made(folder, [(0, 1), (0, 2), (1, 4), (1, 4)]))
    assert split.validation == split.test == ()
    assert [list(sequence) for sequence in split.train] == [[1, 2], [4]]


def test_atomic_files_are_read_by_their_folder(tmp_path: Path) -> None:
    (tmp_path / "shop.item").write_text(
        "item_id:token\ttitle:token_seq\tcategories:token_seq\na\tA Tale\tDrama\nb\tB Side\tMusic\n"
        "c\tC Major\tMusic\n",
        "utf-8",
    )
    (tmp_path / "shop.inter").write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "u\tc\t5\t30\nu\ta\t4\t10\nu\tb\t3\t20\n",
        "utf-8",
    )
    dataset = read_dataset(tmp_path)
    assert dataset.name == tmp_path.name
    assert [dataset.ids[place] for place in dataset.sequences[0]] == ["a", "b", "c"]


def test_a_public_data_set_is_cut(shared_data: Path) -> None:
    split = leave_one_out(read_dataset(shared_data / "ml-latest-small"))
    assert len(split.test) == len(split.dataset.users) == 671
    assert sum(map(len, split.dataset.sequences)) == 100_004
