"""`python -m models.evaluate recommend`, as it is run: real files, real pipeline, real models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from moviegoers import films, movielens, recbole, seen
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
    # The invented genres are words that a dictionary knows, where one is installed.
    unmeant = {Task.OTHER_WORDS} - {*found["tasks"]}
    assert list(found["tasks"]) == [task for task in Task if task not in unmeant]
    assert ("other-words" in found["measured"]["tasks left out"]) == bool(unmeant)
    assert "cores" in found["measured"]["machine"]
    assert found["measured"]["lists at a time"] == "1"
    for task, of in found["tasks"].items():
        rows = of["slices"]["all"]["rows"]
        lacking = set() if Task(task).controlled else {WORDS[RowName.FILTERED]}
        if task == Task.NEWCOMER:
            lacking |= {WORDS[RowName.SASREC]}
        assert list(rows) == [row for row in RETRIEVED if row not in lacking]
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


def test_every_row_with_the_real_model(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTWRIGHT_ENGINE__THREADS", raising=False)
    data = movielens(tmp_path / "films")
    done = run(
        *("--data", data, "--work", work, "--users", "1", "--k", "4", "--tune-users", "0"),
        *("--tasks", "sequential", "--tasks", "about", "--plots", tmp_path / "plots"),
        *("--json", tmp_path / "all.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    assert found["measured"]["language model"] == NAME
    assert found["measured"]["weights"] == "not tuned, 10"
    assert found["measured"]["candidates weighed"] == "10 at most"
    assert found["measured"]["threads of a forward pass"].startswith("2")
    (chosen,) = found["tasks"]["sequential"]["took"][WORDS[RowName.AUTO]]["strategies"].values()
    assert chosen == 1
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


def renamed(folder: Path) -> Path:
    """The films in a table of other names and letters, one row of it without a title."""
    folder.mkdir()
    lines = [f'"č-{name}","{title}"' for name, title, _ in films()]
    table = "\n".join(["asin,label", *lines, '"č-none",""'])
    (folder / "items.csv").write_text(table + "\n", "utf-8")
    lines = [f"用户{user},č-{film},{at}" for user, film, at in seen()]
    (folder / "events.csv").write_text("\n".join(["who,asin,met", *lines]) + "\n", "utf-8")
    return folder


def test_other_names_of_columns_other_letters_and_no_categories(tmp_path: Path) -> None:
    data, keep = renamed(tmp_path / "films"), tmp_path / "keep.jsonl"
    named = ("id=asin", "title=label", "user=who", "item=asin", "timestamp=met")
    done = run(
        *("--data", data, "--engine", "none", "--work", tmp_path / "work", "--k", "3"),
        *(option for pair in named for option in ("--column", pair)),
        *("--skip-bad", "--rows", "popularity", "--keep", keep, "--json", tmp_path / "all.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    without_categories = [Task.DESCRIBED, Task.NEWCOMER, Task.AIMLESS, Task.TITLE]
    assert list(found["tasks"]) == [Task.SEQUENTIAL, Task.SHORTENED, *without_categories]
    assert "include: the items have no categories" in found["measured"]["tasks left out"]
    assert found["measured"]["items"] == "40"
    assert "č-f" in json.loads(keep.read_text("utf-8").splitlines()[0])["ids"][0]


def test_few_users_have_all_rows_but_those_that_must_learn(tmp_path: Path) -> None:
    unlisted = ("u0", "f99", 10**6)
    data, work = movielens(tmp_path / "films", [*seen(users=5), unlisted]), tmp_path / "work"
    common = ("--data", data, "--engine", "none", "--work", work, "--tasks", "sequential")
    done = run(*common, "--users", "500", "--json", tmp_path / "all.json")
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    assert "too few events to train SASRec: 5 users" in found["measured"]["SASRec"]
    assert found["measured"]["users"].endswith("asked about: all")
    assert found["measured"]["left out of the files"].startswith("1 events of items that are not")
    rows = found["tasks"]["sequential"]["slices"]["all"]["rows"]
    assert list(rows) == [WORDS[RowName.POPULARITY], WORDS[RowName.RETRIEVE]]
    refused = run(*common, "--rows", "sasrec")
    assert refused.exit_code == 1
    assert "'sasrec' needs a trained SASRec, but there are too few events" in " ".join(
        refused.output.split()
    )


def test_recbole_without_a_list_of_items(tmp_path: Path) -> None:
    data = recbole(tmp_path / "films")
    (data / "films.item").unlink()
    done = run(
        *("--data", data, "--engine", "none", "--work", tmp_path / "work", "--k", "3"),
        *("--rows", "popularity", "--json", tmp_path / "all.json"),
    )
    assert done.exit_code == 0, done.output
    found = figures(tmp_path / "all.json")
    assert list(found["tasks"]) == [Task.SEQUENTIAL, Task.SHORTENED, Task.AIMLESS]
    assert found["measured"]["items"] == str(len({film for _, film, _ in seen()}))


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

    def test_a_file_of_a_folder(self, tmp_path: Path) -> None:
        said = self.refused("--data", recbole(tmp_path) / "films.inter")
        assert "this is no folder" in said

    def test_a_file_of_something_else_to_go_on_from_before_anything_is_built(
        self, tmp_path: Path
    ) -> None:
        data, work, keep = movielens(tmp_path / "films"), tmp_path / "work", tmp_path / "keep"
        keep.write_text("What is this?\n", "utf-8")
        said = self.refused("--data", data, "--work", work, "--keep", keep)
        assert "line 1 is not an outcome" in said
        assert not work.exists()

    def test_rows_without_a_task(self, work: Path, tmp_path: Path) -> None:
        data = movielens(tmp_path / "films")
        named = ("--rows", "sasrec-filtered", "--tasks", "sequential")
        said = self.refused("--data", data, "--work", work, *named)
        assert "SASRec filtered has none of these tasks" in said

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

    def test_lists_that_no_catalogue_has_items_for_before_one_is_built(
        self, tmp_path: Path
    ) -> None:
        data, work = movielens(tmp_path / "films"), tmp_path / "work"
        said = self.refused("--data", data, "--work", work, "--k", "38")
        assert "For no user a list of 38 can be asked: there are 40 items" in said
        assert not work.exists()

    def test_tasks_that_nobody_has(self, tmp_path: Path) -> None:
        data = movielens(tmp_path / "films")
        text = (data / "movies.csv").read_text("utf-8").splitlines()
        bare = [text[0], *(line[: line.rindex(",") + 1] for line in text[1:])]
        (data / "movies.csv").write_text("\n".join(bare) + "\n", "utf-8")
        said = self.refused(
            *("--data", data, "--work", tmp_path / "work"),
            *("--tasks", "include", "--tasks", "wish", "--rows", "popularity"),
        )
        assert "include: the items have no categories; wish: the items have no" in said

    def test_interactions_without_times(self, tmp_path: Path) -> None:
        data = recbole(tmp_path)
        events = data / "films.inter"
        lines = events.read_text("utf-8").splitlines()
        timeless = ["\t".join(line.split("\t")[:3]) for line in lines]
        events.write_text("\n".join(timeless) + "\n", "utf-8")
        said = self.refused("--data", data)
        assert "Interactions need the times they were at" in said
        assert "--column timestamp=NAME" in said

    def test_columns_that_are_not_there_and_roles_that_are_none(self, tmp_path: Path) -> None:
        data = movielens(tmp_path)
        said = self.refused("--data", data, "--column", "timestamp=when")
        assert "looked for when" in said
        done = run("--data", data, "--engine", "none", "--column", "colour=red")
        assert done.exit_code == 2
        assert "is not like 'id=asin'" in done.output

    def test_bad_rows_unless_they_are_to_be_left_out(self, tmp_path: Path) -> None:
        data = renamed(tmp_path / "films")
        named = ("--column", "id=asin", "--column", "title=label", "--column", "user=who")
        said = self.refused("--data", data, *named, "--column", "timestamp=met")
        assert "items.csv" in said

    def test_plots_without_what_they_show(self, work: Path, tmp_path: Path) -> None:
        said = self.refused(
            *("--data", movielens(tmp_path / "films"), "--work", work, "--users", "2"),
            *("--rows", "popularity", "--tasks", "wish", "--plots", tmp_path),
        )
        assert "The plots show the task 'sequential'" in said
