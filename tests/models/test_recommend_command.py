"""`python -m models.evaluate recommend`, as it is run: real files, real pipeline, real models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from moviegoers import movielens, recbole
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.recommend.rows import WORDS, RowName
from models.evaluate.recommend.tasks import Task
from service.engines.local.convert import NAME

RETRIEVED = [WORDS[name] for name in RowName if not name.by_model]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where catalogue and ranker are kept between the runs of these tests."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, cache_dir: Path) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, ["recommend", *map(str, options)])


def figures(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def test_without_an_engine_all_that_is_retrieved(work: Path, tmp_path: Path) -> None:
    data, keep = movielens(tmp_path / "films"), tmp_path / "keep.jsonl"
    common = ("--data", data, "--engine", "none", "--work", work, "--k", "5", "--keep", keep)
    to = ("--json", tmp_path / "all.json", "--markdown", tmp_path / "all.md")
    done = run(*common, *to)
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    assert list(found["tasks"]) == [task for task in Task if task is not Task.SHORTENED]
    for task, of in found["tasks"].items():
        rows = of["slices"]["all"]["rows"]
        assert list(rows) == (
            RETRIEVED if Task(task).controlled else [r for r in RETRIEVED if "filtered" not in r]
        )
        assert not any(took["failed"] for took in of["took"].values())
    for row, of in found["form"].items():
        assert of["CorrectCount"]["value"]["value"] == 1, row
        for name in ("RepeatItem", "NonExist", "InHistory"):
            assert of[name]["value"]["value"] == 0, row
    include = found["tasks"]["include"]["slices"]["all"]["rows"]
    assert include[WORDS[RowName.FILTERED]]["TCP@5"]["value"]["low"] == 1
    assert include[WORDS[RowName.SASREC]]["TCP@5"]["value"]["high"] < 1
    assert include[WORDS[RowName.RETRIEVE]]["HR@5"]["against"]["ratio"]["low"] > 0
    about = found["tasks"]["about"]["slices"]["all"]["rows"]
    assert about[WORDS[RowName.FILTERED]]["CPA"]["value"]["low"] == 1

    text = (tmp_path / "all.md").read_text("utf-8")
    assert text.startswith("**Measured**")
    assert text.index("HR@5") < text.index("Seconds a list")

    lines = keep.read_bytes()
    again = run(*common, "--json", tmp_path / "again.json")
    assert again.exit_code == 0, again.output
    assert keep.read_bytes() == lines
    assert figures(tmp_path / "again.json") == found


def test_recbole_and_a_sample_of_users_the_same_for_all(work: Path, tmp_path: Path) -> None:
    data, keep = recbole(tmp_path / "films"), tmp_path / "keep.jsonl"
    done = run(
        *("--data", data, "--engine", "none", "--work", work, "--users", "4", "--keep", keep),
        *("--rows", "retrieve", "--rows", "popularity", "--tasks", "sequential"),
        *("--json", tmp_path / "few.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "few.json")
    assert list(found["tasks"]) == ["sequential"]
    assert found["tasks"]["sequential"]["slices"]["all"]["users"] == 4
    asked: dict[str, set[str]] = {}
    for line in keep.read_text("utf-8").splitlines():
        fields = json.loads(line)
        asked.setdefault(fields["row"], set()).add(fields["digest"])
    assert list(asked) == [WORDS[RowName.POPULARITY], WORDS[RowName.RETRIEVE]]
    assert len({frozenset(digests) for digests in asked.values()}) == 1


def test_every_row_with_the_real_model(work: Path, tmp_path: Path) -> None:
    data = movielens(tmp_path / "films")
    done = run(
        *("--data", data, "--work", work, "--users", "1", "--k", "4", "--tune-users", "1"),
        *("--tasks", "sequential", "--tasks", "about", "--plots", tmp_path / "plots"),
        *("--json", tmp_path / "all.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    assert found["measured"]["language model"] == NAME
    assert "generate" in found["measured"]["weights"]
    assert found["failures"] == {}
    sequential = found["tasks"]["sequential"]
    named = [WORDS[name] for name in RowName if name is not RowName.FILTERED]
    assert list(sequential["slices"]["all"]["rows"])[: len(named)] == named
    assert sequential["took"][WORDS[RowName.CONSTRAINED]]["weight"] == 0
    for row, of in found["form"].items():
        if row != WORDS[RowName.FREE]:
            assert of["CorrectCount"]["value"]["low"] == 1, row
    plots = {path.name: path.read_text("utf-8") for path in (tmp_path / "plots").iterdir()}
    assert set(plots) == {"quality-by-weight.svg", "quality-by-latency.svg"}
    assert all("<svg" in text for text in plots.values())


class TestBadInput:
    def refused(self, *options: str | Path) -> str:
        done = run("--engine", "none", *options)
        assert done.exit_code == 1
        assert "Traceback" not in done.output
        assert "Error: " in done.output
        return " ".join(done.output.split())

    def test_no_such_folder(self, tmp_path: Path) -> None:
        said = self.refused("--data", tmp_path / "none")
        assert "there is no such folder" in said
        assert "Hint: " in said

    def test_a_folder_without_files(self, tmp_path: Path) -> None:
        assert "no file to read" in self.refused("--data", tmp_path)

    def test_no_events(self, tmp_path: Path) -> None:
        data = movielens(tmp_path, [])
        (data / "ratings.csv").unlink()
        said = self.refused("--data", data)
        assert "no interactions" in said
        assert "Hint: " in said

    def test_nobody_met_three_items(self, tmp_path: Path) -> None:
        events = [("u1", "f1", 1), ("u1", "f2", 2), ("u2", "f1", 3)]
        said = self.refused("--data", movielens(tmp_path, events))
        assert "none of its 2 users met 3 items or more" in said

    def test_unknown_rows_and_tasks(self, tmp_path: Path) -> None:
        data = movielens(tmp_path)
        said = self.refused("--data", data, "--rows", "sasrek")
        assert "There is no row 'sasrek'" in said
        assert "sasrec-filtered" in said
        said = self.refused("--data", data, "--tasks", "guess")
        assert "There is no task 'guess'" in said
        assert "at-most" in said

    def test_a_row_that_needs_a_model_without_one(self, tmp_path: Path) -> None:
        said = self.refused("--data", movielens(tmp_path), "--rows", "rank")
        assert "needs a language model" in said

    def test_lists_longer_than_there_are_lines_or_items(self, work: Path, tmp_path: Path) -> None:
        data = movielens(tmp_path / "films")
        assert "100 items at most" in self.refused("--data", data, "--k", "101")
        assert "For no user" in self.refused("--data", data, "--work", work, "--k", "39")

    def test_plots_without_what_they_show(self, work: Path, tmp_path: Path) -> None:
        said = self.refused(
            *("--data", movielens(tmp_path / "films"), "--work", work, "--users", "2"),
            *("--rows", "popularity", "--tasks", "wish", "--plots", tmp_path),
        )
        assert "The plots show the task 'sequential'" in said
