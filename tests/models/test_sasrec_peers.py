"""What a peer is given to learn from, and what is made of its lists; a script stands in for it."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from moviegoers import movielens, seen
from typer.testing import CliRunner

from models.data.dataset import read_dataset
from models.data.split import Split, leave_one_out
from models.sasrec.peers.__main__ import Size, app, theirs, write_split
from service.errors import BadInput

FEW = [("v0", "f1", 1), ("v0", "f2", 2), ("v1", "f3", 3)]
"""Users who are learnt from and never asked about."""


@pytest.fixture
def split(tmp_path: Path) -> Split:
    # The users with few meetings stand first, so that their numbers are not those of the others.
    return leave_one_out(read_dataset(movielens(tmp_path / "films", [*FEW, *seen(users=3)])))


def peer(path: Path, found: dict[str, object] | None) -> Path:
    """A program that is called as the peer's Python is, and writes what it is said to find."""
    lines = [
        f"#!{sys.executable}",
        "import shutil, sys",
        "safe, peer, split, lists, *bounds = sys.argv[1:]",
        f"shutil.copyfile(split, {str(path.with_suffix('.npz'))!r})",
    ]
    if found is not None:
        lines.append(f"open(lists, 'w').write({json.dumps(found)!r})")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    path.chmod(0o755)
    return path


def read(path: Path) -> tuple[list[list[int]], list[list[int]]]:
    """Who is asked about, and what is learnt from."""
    with np.load(path) as arrays:
        tested = int(arrays["tested"])
        met = [part.tolist() for part in np.split(arrays["items"], arrays["ends"][:-1])]
    return met[:tested], met[tested:]


def test_a_peer_learns_from_all_that_ours_learns_from(split: Split, tmp_path: Path) -> None:
    write_split(split, tmp_path / "split.npz", window=None, seed=1)
    asked_about, learnt = read(tmp_path / "split.npz")
    assert asked_about == [split.dataset.sequences[case.user].tolist() for case in split.test]
    assert len(asked_about) == 3
    assert learnt == [one.tolist() for one in split.train if len(one)]
    assert sorted(map(len, learnt))[:2] == [1, 2]


def test_one_that_looks_at_few_items_learns_every_step_from_one_to_the_next(
    split: Split, tmp_path: Path
) -> None:
    write_split(split, tmp_path / "split.npz", window=2, seed=1)
    asked_about, learnt = read(tmp_path / "split.npz")
    assert asked_about == [split.dataset.sequences[case.user].tolist() for case in split.test]
    assert max(map(len, learnt)) == 3
    steps = {step for one in split.train for step in pairwise(one.tolist())}
    assert {step for one in learnt for step in pairwise(one)} == steps


@pytest.mark.parametrize("cut_short", [False, True])
def test_lists_are_judged_and_an_end_by_time_is_told(
    split: Split, tmp_path: Path, *, cut_short: bool
) -> None:
    targets = [case.target for case in split.test]
    lists = [[targets[0]], [-1, targets[1]], [-1]]
    found = {"epochs": 8, "ndcg": 0.5, "lists": lists, "cut_short": cut_short}
    side = theirs(split, tmp_path, peer(tmp_path / "peer", found), Size.SAME, (60, 1))
    assert side.gains.tolist() == pytest.approx([1, 1 / np.log2(3), 0])
    assert side.hits.tolist() == [1, 1, 0]
    assert (side.epochs, side.validation) == (8, 0.5)
    assert ("stopped by time" in side.name) == cut_short


@pytest.mark.parametrize(("size", "longest"), [(Size.SAME, 51), (Size.DEFAULT, 78)])
def test_a_peer_of_the_same_size_is_given_windows_and_one_as_it_comes_the_whole(
    tmp_path: Path, size: Size, longest: int
) -> None:
    # Of eighty meetings the last two are asked about.
    met = [f"u{user}\ti{item}\t{item}" for user in range(2) for item in range(80)]
    (data := tmp_path / "long").mkdir()
    head = "user_id:token\titem_id:token\ttimestamp:float"
    (data / "long.inter").write_text("\n".join([head, *met]) + "\n", "utf-8")
    split = leave_one_out(read_dataset(data))
    found = {"epochs": 5, "ndcg": 0.5, "lists": [[-1]] * 2, "cut_short": False}
    theirs(split, tmp_path, peer(tmp_path / "peer", found), size, (60, 1))
    asked_about, learnt = read(tmp_path / "peer.npz")
    assert list(map(len, asked_about)) == [80, 80]
    assert max(map(len, learnt)) == longest


def test_a_peer_without_lists_is_an_error(split: Split, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="came to no lists"):
        theirs(split, tmp_path, peer(tmp_path / "peer", None), Size.DEFAULT, (60, 1))


@pytest.mark.parametrize(
    "wrong", [("--size", "huge"), ("--seconds", "0"), ("--peer-python", "nowhere")]
)
def test_what_would_fail_after_hours_is_refused_at_once(
    tmp_path: Path, wrong: tuple[str, str]
) -> None:
    named = ["--data", str(movielens(tmp_path)), "--peer-python", sys.executable]
    done = CliRunner().invoke(app, [*named, *wrong])
    assert done.exit_code == 2
    assert wrong[0] in done.output
