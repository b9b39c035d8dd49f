"""`python -m models.sft.data`, as it is run: real files, a real catalogue, a trained SASRec."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from moviegoers import movielens, seen
from typer.testing import CliRunner

from models.sft.data.command import app
from models.sft.data.example import read_examples
from models.sft.data.parts import TRAIN, VALIDATION, catalogue_named, refuse_other_data
from models.steps.output import figures_of
from service.catalog.artifact import load
from service.engines.made_model import TOKENIZER_FILES
from service.engines.text.tokenizer import ChatTokenizer
from service.modelfolder import read_manifest

FEW = ("--set", "moments=1", "--set", "most_validation=6")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where catalogue and ranker are kept between the runs of these tests."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return movielens(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, cache_dir: Path) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, options)])


def catalogue_in(work: Path) -> Path:
    (world,) = work.iterdir()
    return world


def general(path: Path) -> Path:
    rows = [{"instruction": f"Say {n}.", "output": f"{n}!"} for n in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def same(one: Path, other: Path) -> bool:
    return all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in (TRAIN, VALIDATION)
    )


def test_from_data_to_selected_examples(work: Path, data: Path, tmp_path: Path) -> None:
    common = ("make", "--data", data, "--work", work, *FEW)
    options = (*common, "--general", general(tmp_path / "general.jsonl"))
    done = run(*options, "--out", tmp_path / "a")
    assert done.exit_code == 0, done.output
    assert "sequential 24" in done.stdout
    assert "general 18" in done.stdout
    figures = figures_of(tmp_path / "a")
    assert figures["teacher"] == "sasrec"
    assert f"catalogue: {load(catalogue_in(work)).folder}" in done.stdout
    assert catalogue_named(tmp_path / "a") == load(catalogue_in(work)).folder
    examples = list(read_examples(tmp_path / "a" / TRAIN))
    assert figures["train"]["examples"] == len(examples) > 100
    manifest = read_manifest(tmp_path / "a")
    assert manifest["step"] == "sft/data make"
    assert manifest["choices"]["moments"] == 1
    # The same again is there already; elsewhere it is made anew, and equal.
    assert run(*options, "--out", tmp_path / "a").stdout == done.stdout
    again = run(*options, "--out", tmp_path / "b")
    assert again.exit_code == 0, again.output
    assert same(tmp_path / "a", tmp_path / "b")
    # Another seed is something else, and takes no place that is taken.
    other = run(*options, "--set", "seed=2", "--out", tmp_path / "a")
    assert other.exit_code == 1
    assert "holds something else" in other.stderr

    select = ("select", "--data", tmp_path / "a", "--out", tmp_path / "first")
    few = run(*select, "--first", "1000")
    assert few.exit_code == 1
    assert f"there are {len(examples)} and" in few.stderr
    done = run(*select, "--first", "40", "--catalogue", catalogue_in(work))
    assert done.exit_code == 0, done.output
    assert f"read train: {len(examples)} of {len(examples)}" in done.stderr
    assert figures_of(tmp_path / "first")["train"]["examples"] == 40
    # Whoever reads them later can tell for which tokenizer they are.
    selected = read_manifest(tmp_path / "first")["made_of"]
    assert selected["tokenizer"] == manifest["made_of"]["tokenizer"]
    labels = figures_of(tmp_path / "first")["train"]["of_each"]
    assert len(labels) == 8
    assert max(labels.values()) - min(labels.values()) <= 2


def test_what_is_tested_changes_nothing(work: Path, data: Path, tmp_path: Path) -> None:
    rows = seen()
    last: dict[str, int] = {user: at for at, (user, _, _) in enumerate(rows)}
    met = {user: {film for name, film, _ in rows if name == user} for user in last}
    for user, at in last.items():
        other = next(f"f{n}" for n in range(40) if f"f{n}" not in met[user])
        rows[at] = (user, other, rows[at][2])
    changed = movielens(tmp_path / "films", rows)
    for name, folder in (("a", data), ("b", changed)):
        done = run("make", "--data", folder, "--work", work, *FEW, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
    assert same(tmp_path / "a", tmp_path / "b")
    assert len(list(work.iterdir())) == 1


def test_from_a_catalogue_with_its_ranker(work: Path, data: Path, tmp_path: Path) -> None:
    first = run("make", "--data", data, "--work", work, *FEW, "--out", tmp_path / "a")
    assert first.exit_code == 0, first.output
    catalogue = catalogue_in(work)
    done = run("make", "--catalogue", catalogue, *FEW, "--out", tmp_path / "b")
    assert done.exit_code == 0, done.output
    for example in read_examples(tmp_path / "b" / VALIDATION):
        assert example.wanted is not None
    (catalogue / "ranker").rename(tmp_path / "ranker")
    none = run("make", "--catalogue", catalogue, *FEW, "--out", tmp_path / "c")
    popular = ("--set", "teacher=popularity", *FEW)
    without = run("make", "--catalogue", catalogue, *popular, "--out", tmp_path / "d")
    (tmp_path / "ranker").rename(catalogue / "ranker")
    assert none.exit_code == 1
    assert "there is no ranker" in none.stderr
    assert without.exit_code == 0, without.output
    assert figures_of(tmp_path / "d")["teacher"] == "popularity"


def test_with_too_little_to_train_a_teacher(tmp_path: Path) -> None:
    data = movielens(tmp_path / "films", [row for row in seen() if row[0] in {"u1", "u2", "u3"}])
    common = ("make", "--data", data, "--work", tmp_path / "work", "--out", tmp_path / "out")
    done = run(*common)
    assert done.exit_code == 1
    assert "SASRec cannot teach: there are too few events" in done.stderr
    assert "teacher=popularity" in done.stderr
    assert not (tmp_path / "out").exists()
    done = run(*common, "--set", "teacher=popularity")
    assert done.exit_code == 0, done.output
    titles = {example.titles[0] for example in read_examples(tmp_path / "out" / TRAIN)}
    assert titles


def test_questions_of_a_file(tmp_path: Path) -> None:
    row = {"input": "Which goes with a tent?", "options": ["A: a mug", "B: a peg"], "task": "t"}
    rows = [
        {**row, "output": "B", "split": "train"},
        {**row, "output": "A", "split": "val"},
        {**row, "output": "Q", "split": "train"},
        {**row, "output": "A", "split": "test"},
        {**row, "input": "word " * 3000, "output": "A", "split": "train"},
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    file, to = tmp_path / "rows.json", tmp_path / "out"
    done = run("ecinstruct", "--file", file, "--set", "context=600", "--out", to)
    assert done.exit_code == 0, done.output
    assert "train: 1 examples (t 1)" in done.stdout
    assert "row 3: the answer names no option" in done.stderr
    assert "read: 5 of 5" in done.stderr
    assert "train: 4 of 4" in done.stderr
    (train,) = read_examples(tmp_path / "out" / TRAIN)
    (held,) = read_examples(tmp_path / "out" / VALIDATION)
    assert (train.answer, held.answer) == ("2", "1")


@pytest.fixture
def other(tiny: Path, tmp_path: Path) -> Path:
    """A model of another family, as far as its tokenizer goes."""
    folder = tmp_path / "other"
    folder.mkdir()
    for name in TOKENIZER_FILES:
        if (tiny / name).is_file():
            shutil.copyfile(tiny / name, folder / name)
    with (folder / "tokenizer.json").open("a") as file:
        file.write("\n")
    return folder


def test_for_a_model_with_a_tokenizer_of_its_own(
    data: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is served meanwhile is nothing to the data, whatever is named there.
    monkeypatch.setenv("LISTWRIGHT_ENGINE__MODELS", json.dumps({"tuned": str(other)}))
    monkeypatch.setenv("LISTWRIGHT_VARIANTS", '{"tuned": {"model": "tuned"}}')
    popular = ("--set", "teacher=popularity", *FEW)
    common = ("--data", data, "--work", tmp_path / "work", "--out", tmp_path / "lists")
    done = run("make", *common, *popular, "--model", other)
    assert done.exit_code == 0, done.output
    row = {"input": "Which goes with a tent?", "options": ["a mug", "a peg"], "output": "B"}
    (tmp_path / "rows.json").write_text(json.dumps([row]))
    file, to = tmp_path / "rows.json", tmp_path / "questions"
    done = run("ecinstruct", "--file", file, "--out", to, "--model", other)
    assert done.exit_code == 0, done.output
    tokenizer = ChatTokenizer(other, "other")
    for name in ("lists", "questions"):
        assert read_manifest(tmp_path / name)["made_of"]["tokenizer"] == tokenizer.sha256
        refuse_other_data(tmp_path / name, tokenizer)
    load(catalogue_in(tmp_path / "work"), tokenizer=tokenizer)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("make",), "Name one of both"),
        (("make", "--data", "a", "--catalogue", "b"), "Name one of both"),
        (("make", "--data", "/nowhere"), "no such folder"),
        (("make", "--catalogue", "/nowhere"), "no built catalogue"),
        (("make", "--data", "a", "--set", "longest=1000"), "items at most, not 1000"),
        (("make", "--data", "a", "--set", "stepz=1"), "nothing reads 'stepz'"),
        (("make", "--data", "a", "--set", 'tasks=["general"]'), "need a file"),
        (("make", "--data", "a", "--general", "/nowhere.json"), "cannot be read"),
        (("select", "--data", "/nowhere", "--first", "4"), "cannot be read"),
        (("select", "--data", "/nowhere", "--first", "1"), "first is 1"),
        (("ecinstruct", "--file", "/nowhere.json"), "cannot be read"),
        (("ecinstruct", "--file", "/nowhere.json", "--set", "validation=1"), "validation is 1"),
    ],
)
def test_what_cannot_be_is_told(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = run(*options, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_ended_run_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: Any) -> None:
        raise KeyboardInterrupt

    row = {"input": "Which goes with a tent?", "options": ["a", "b"], "output": "A"}
    (tmp_path / "rows.json").write_text(json.dumps([row] * 5))
    options = ("ecinstruct", "--file", tmp_path / "rows.json", "--out", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr("models.sft.data.command.figures_of_parts", ended)
        assert run(*options).exit_code == 130
    assert not (tmp_path / "out").exists()
    assert run(*options).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        TRAIN,
        VALIDATION,
    ]
