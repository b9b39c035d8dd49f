"""A checkpoint judged in the process: by the commands, and in the middle of its making."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from models_tiny import tiny_checkpoint
from moviegoers import movielens
from toyshop import SpellingEngine
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.rows import WORDS, RowName
from models.evaluate.recommend.slice import judged, world_in
from models.evaluate.recommend.tasks import Task
from models.evaluate.recommend.world import World
from models.evaluate.running import How
from models.llm.engine import engine_in
from service.engines.embedded import EmbeddedEngine
from service.errors import BadInput, DamagedArtifact
from service.settings import load_settings

ROWS = (RowName.FREE, RowName.CONSTRAINED, RowName.PRIOR)


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, cache_dir: Path) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))
    monkeypatch.setenv("LISTWRIGHT_ENGINE__THREADS", "1")
    # Neither is asked here, and both take their time.
    monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SASREC", "false")
    monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SIMILARITY", "false")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return movielens(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture
def world(data: Path, tiny: Path, tmp_path: Path) -> Iterator[World]:
    with world_in(data, load_settings({}), tiny, work=tmp_path / "work") as world:
        yield world


@pytest.fixture
def engine(tiny: Path) -> Iterator[EmbeddedEngine]:
    engine = engine_in(tiny, context=512)
    yield engine
    asyncio.run(engine.close())


class TestJudged:
    def test_figures_of_every_task_and_row(self, world: World, engine: EmbeddedEngine) -> None:
        tasks = (Task.SEQUENTIAL, Task.INCLUDE, Task.ABOUT)
        found = judged(world, engine, 1, tasks, ROWS, k=4)
        assert json.loads(json.dumps(found)) == found
        assert (found["model"], found["part"], found["k"]) == (engine.model, "validation", 4)
        assert list(found["tasks"]) == [*tasks]
        for task, rows in found["tasks"].items():
            assert list(rows) == [*ROWS]
            assert {"HR@4", "NDCG@4", "lists", "failed"} <= set(rows["prior"])
            assert ("TCP@4" in rows["prior"]) == (task == "include")
            assert ("CPA" in rows["prior"]) == (task == "about")
        assert found["tasks"]["include"]["constrained"]["TCP@4"] == 1
        assert found["tasks"]["about"]["prior"]["CPA"] == 1
        assert found["form"]["constrained"] == {
            "CorrectCount": 1, "RepeatItem": 0, "NonExist": 0, "InHistory": 0
        }  # fmt: skip
        # Random weights write nothing by themselves.
        assert found["form"]["free"]["CorrectCount"] == 0

    def test_what_is_tested_is_not_looked_at(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = list[tuple[int, int]]()
        request = Ground.request

        def noted(ground: Ground, history: Any, *given: Any) -> Any:
            asked.append((len(history), len(world.split.validation)))
            return request(ground, history, *given)

        monkeypatch.setattr(Ground, "request", noted)
        spelling = SpellingEngine()
        for part in ("validation", "test"):
            asked.clear()
            judged(world, spelling, None, [Task.SEQUENTIAL], [RowName.PRIOR], part=part)  # type: ignore[arg-type]
            cases = getattr(world.split, part)
            assert [length for length, _ in asked] == [len(case.history) for case in cases]
        before = [len(case.history) for case in world.split.validation]
        assert [length - 1 for length, _ in asked] == before

    def test_lists_that_are_kept_are_not_made_again(
        self, world: World, engine: EmbeddedEngine, tmp_path: Path
    ) -> None:
        how = How(keep=tmp_path / "keep.jsonl")
        asked = (world, engine, 3, [Task.SEQUENTIAL], [RowName.CONSTRAINED])
        first = judged(*asked, k=3, how=how)
        kept = (tmp_path / "keep.jsonl").read_bytes()
        assert judged(*asked, k=3, how=how) == first
        assert (tmp_path / "keep.jsonl").read_bytes() == kept

    def test_a_model_with_another_tokenizer_is_refused(
        self, world: World, cache_dir: Path, tmp_path: Path
    ) -> None:
        folder = tiny_checkpoint(tmp_path / "other", cache_dir)
        (folder / "manifest.json").unlink()
        file = folder / "tokenizer.json"
        file.write_text(file.read_text("utf-8") + "\n", "utf-8")
        other = engine_in(folder)
        with pytest.raises(DamagedArtifact, match="was built for the tokenizer"):
            judged(world, other, 3, [Task.SEQUENTIAL], [RowName.FREE])
        asyncio.run(other.close())

    def test_nothing_to_ask_is_told(self, world: World, engine: EmbeddedEngine) -> None:
        with pytest.raises(BadInput, match="For no user"):
            judged(world, engine, 3, [Task.SEQUENTIAL], [RowName.FREE], k=40)


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, options)])


class TestCommands:
    def test_lists_by_a_checkpoint_go_on_where_they_were_ended(
        self, data: Path, tiny: Path, tmp_path: Path, cache_dir: Path
    ) -> None:
        keep, to = tmp_path / "keep.jsonl", tmp_path / "all.json"

        def figures(model: Path, users: int) -> dict[str, Any]:
            done = run(
                *("recommend", "--data", data, "--work", tmp_path / "work", "--users", users),
                *("--rows", "constrained", "--tasks", "include", "--k", "4"),
                *("--tune-users", "0", "--model", model, "--keep", keep, "--json", to),
            )
            assert done.exit_code == 0, done.output
            found: dict[str, Any] = json.loads(to.read_text("utf-8"))
            return found

        figures(tiny, 3)
        few = keep.read_text("utf-8").splitlines()
        found = figures(tiny, 5)
        lines = keep.read_text("utf-8").splitlines()
        assert lines[: len(few)] == few
        steered = found["form"][WORDS[RowName.CONSTRAINED]]
        assert steered["CorrectCount"]["value"]["low"] == 1
        measured = found["measured"]
        assert measured["language model"].startswith("tiny-lm@")
        assert measured["candidates weighed"] == "10 at most"
        assert measured["threads of a forward pass"] == "1, 1 lists side by side"
        # Of another model of that name no list is there yet.
        other = tiny_checkpoint(tmp_path / "other" / tiny.name, cache_dir, seed=1)
        assert figures(other, 3)["measured"]["language model"] != measured["language model"]
        assert len(keep.read_text("utf-8").splitlines()) == len(lines) + 3

    def test_answers_by_a_checkpoint(self, tiny: Path, tmp_path: Path) -> None:
        asked = {
            "input_field": "Which of these is a fruit?\n0. lamp\n1. pear\n2. rake\nOutput:",
            "output_field": 1,
            "task_type": "multiple-choice",
            "metric": "accuracy",
            "is_multiple_choice": True,
        }
        (tmp_path / "questions.jsonl").write_text(json.dumps(asked) + "\n", "utf-8")
        to = tmp_path / "all.json"
        done = run("answer", "--file", tmp_path / "questions.jsonl", "--model", tiny, "--json", to)
        assert done.exit_code == 0, done.output
        found = json.loads(to.read_text("utf-8"))
        assert found["model"].startswith("tiny-lm@")
        assert found["figures"]["as served"]["overall"]["failed"] == 0
        assert found["figures"]["as served"]["overall"]["well_formed"] == 1

    @pytest.mark.parametrize("command", [("recommend", "--data"), ("answer", "--file")])
    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (("--base", "here"), "--base is what an adapter stands on"),
            (("--model", "here", "--engine", "vllm"), "one model at a time"),
            (("--model", "here", "--engine-url", "http://h"), "--engine-url or --model"),
            (("--model", "nowhere-at-all"), "holds no model"),
        ],
    )
    def test_what_cannot_be_is_told(
        self, data: Path, tmp_path: Path, command: tuple[str, str], options: Any, why: str
    ) -> None:
        given = data if command[0] == "recommend" else tmp_path / "questions.jsonl"
        (tmp_path / "questions.jsonl").write_text(
            '{"input_field": "Pear or rake?", "output_field": "pear", "metric": "rougel",'
            ' "task_type": "generation"}\n'
        )
        done = run(*command, given, *options)
        assert done.exit_code != 0
        assert why in " ".join(done.output.split())
