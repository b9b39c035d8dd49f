"""A comparison that was ended half-way, and models that servers call the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from fcntl import LOCK_NB
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from engines.stub_server import MODEL, Stub
from moviegoers import movielens
from typer.testing import CliRunner

from models.data.dataset import read_dataset
from models.data.split import Split, leave_one_out
from models.evaluate.__main__ import app
from models.evaluate.compare import measuring
from models.evaluate.compare.candidates import candidates_of
from models.evaluate.compare.choices import CompareChoices, Road
from models.evaluate.compare.columns import board_of
from models.evaluate.compare.findings import Findings, Inputs
from models.evaluate.compare.keeping import Keeping
from models.evaluate.compare.measuring import Comparison
from models.evaluate.compare.opening import Opener
from models.evaluate.compare.serving import Starting
from models.evaluate.recommend.tasks import Task
from models.evaluate.running import How
from models.evaluate.scores import Judge
from service.domain import Strategy
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.retrieval.ranker import load_ranker
from service.retrieval.ranker_publish import retuned
from service.settings import load_settings
from service.tuning import PRIOR_WEIGHT, Measured
from service.versions import holding

TITLE = "one, with prior"
QUESTION = {"question": "Which is red? 0. rust 1. sky", "truth": "0", "metric": "accuracy",
            "options": ["rust", "sky"], "type": "multiple_choice"}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return movielens(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where catalogues and rankers are kept between these tests."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module", autouse=True)
def _set(cache_dir: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LISTWRIGHT_CACHE", str(cache_dir))
        patch.setenv("LISTWRIGHT_ENGINE__THREADS", "1")
        patch.setenv("LISTWRIGHT_RETRIEVAL__SIMILARITY", "false")
        yield


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class Runs:
    """The same command, again and again."""

    def __init__(self, folder: Path, *options: str | Path) -> None:
        self.folder, self.keep = folder, folder / "keep"
        self.options = options

    def run(self) -> Result:
        words = [*self.options, "--keep", self.keep, "--json", self.folder / "a.json"]
        return CliRunner().invoke(app, ["compare", *map(str, words)])

    def figures(self) -> dict[str, Any]:
        done = self.run()
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads((self.folder / "a.json").read_text("utf-8"))
        return found

    def speed(self) -> dict[str, Any]:
        found: dict[str, Any] = self.figures()["models"]["one"]["speeds"][TITLE]
        return found

    def again(self, folder: Path) -> Runs:
        """The same with a copy of what was kept."""
        found = Runs(folder, *self.options)
        shutil.copytree(self.keep, found.keep)
        return found


@pytest.fixture(scope="module")
def once(
    tiny: Path, data: Path, work: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Runs, dict[str, Any]]:
    """Two users' lists by one road, and the figures of that."""
    runs = Runs(
        tmp_path_factory.mktemp("once"),
        *("--model", f"one={tiny}", "--data", data, "--work", work),
        *("--rows", "prior", "--users", "2", "--k", "2", "--set", 'tasks=["sequential"]'),
    )
    return runs, runs.figures()


@pytest.fixture
def runs(once: tuple[Runs, dict[str, Any]], tmp_path: Path) -> Runs:
    """What was measured, to be measured again."""
    return once[0].again(tmp_path)


def ended(*_: object) -> None:
    raise SystemExit(9)


def test_what_was_ended_between_lists_and_answers_loses_neither_speed_nor_memory(
    once: tuple[Runs, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "question.jsonl"
    asked.write_text(json.dumps(QUESTION) + "\n", "utf-8")
    runs = Runs(tmp_path, *once[0].options, "--questions", asked)
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "run_rows", ended)
        assert runs.run().exit_code == 9
    kept = runs.keep / "models.jsonl"
    (room,) = lines(kept)
    assert room["stamp"] == "room"
    room["facts"]["peak"] = 10**15
    kept.write_text(json.dumps(room) + "\n", "utf-8")
    before = lines(runs.keep / "speeds.jsonl")[-1]["facts"]
    assert before["calls"] == 2
    found = runs.figures()["models"]["one"]
    assert found["speeds"][TITLE] == before
    assert found["room"]["peak"] == 10**15
    assert [line["stamp"] for line in lines(kept)].count("whole") == 1


def test_what_was_ended_among_lists_has_the_speed_of_all_of_them(runs: Runs) -> None:
    assert lines(runs.keep / "speeds.jsonl")[-1]["facts"]["calls"] == 2
    (runs.keep / "models.jsonl").unlink()
    made = lines(runs.keep / "lists.jsonl")
    made.remove(next(line for line in made if line["row"] == TITLE))
    (runs.keep / "lists.jsonl").write_text("".join(json.dumps(one) + "\n" for one in made))
    # The list that is gone is made once more; those of before are still counted.
    assert runs.speed()["calls"] == 3


def test_without_any_speed_a_model_is_not_taken_for_measured(runs: Runs) -> None:
    (runs.keep / "models.jsonl").unlink()
    (runs.keep / "speeds.jsonl").unlink()
    assert runs.figures()["models"]["one"]["speeds"] == {}
    assert {line["stamp"] for line in lines(runs.keep / "models.jsonl")} == {"room"}


def test_one_whose_lists_are_gone_is_measured_again(
    runs: Runs, once: tuple[Runs, dict[str, Any]]
) -> None:
    (runs.keep / "lists.jsonl").unlink()
    again = runs.figures()
    assert not again["failures"]
    assert again["columns"][0] == once[1]["columns"][0]
    assert again["models"]["one"]["speeds"][TITLE]["calls"] == 4


def test_a_folder_that_another_comparison_writes_into(runs: Runs) -> None:
    with holding(runs.keep, LOCK_NB):
        done = runs.run()
    assert done.exit_code == 1
    assert "Another comparison keeps" in " ".join(done.output.split())


def test_a_weight_that_was_found_before_is_not_the_one_that_is_set(runs: Runs, work: Path) -> None:
    facts = lines(runs.keep / "models.jsonl")[-1]["facts"]
    assert facts["model"].startswith("tiny-lm@")
    (root,) = work.glob("*/ranker")
    tuning = load_ranker(root).tuning
    found = tuple(
        Measured(facts["model"], Strategy.GENERATE, history, words, 3.0, 0.5, 60)
        for history in (True, False)
        for words in (True, False)
    )
    retuned(root, replace(tuning, measured=found))
    try:
        runs.keep = runs.folder / "anew"
        runs.figures()
    finally:
        retuned(root, tuning)
    made = [line for line in lines(runs.keep / "lists.jsonl") if line["row"] == TITLE]
    assert [line["weight"] for line in made] == [PRIOR_WEIGHT] * 2


@pytest.fixture(scope="module")
def split(data: Path) -> Split:
    return leave_one_out(read_dataset(data))


class TestServers:
    """Endpoints that choose by number, of which both call their model the same."""

    @pytest.fixture
    def stubs(self, tiny: Path) -> list[Stub]:
        return [Stub(ChatTokenizer(tiny, "tiny"), {}) for _ in range(2)]

    async def found(
        self, stubs: list[Stub], split: Split, work: Path, keep: Path | None = None
    ) -> tuple[Findings, CompareChoices]:
        choices = CompareChoices(k=2, users=1, tasks=(Task.SEQUENTIAL,))
        opener = Opener(load_settings(), Starting(Path("python")))
        inputs = Inputs(split, work=work)
        async with AsyncExitStack() as stack:
            urls = [await stack.enter_async_context(stub.serving()) for stub in stubs]
            models = {f"m{at}": f"openai+{url}" for at, url in enumerate(urls)}
            comparison = Comparison(opener, choices, inputs, Keeping(keep), How())
            return await comparison.measured(candidates_of(models, {}, {})), choices

    async def test_each_has_its_own_name_and_its_rows_are_marked(
        self, stubs: list[Stub], split: Split, work: Path
    ) -> None:
        findings, choices = await self.found(stubs, split, work)
        assert [one.failure for one in findings.models] == [None, None]
        names = {one.model for one in findings.models}
        assert len(names) == 2
        assert all(name.startswith(f"{MODEL} at http://127.0.0.1") for name in names)
        assert all(one.labels == 50 for one in findings.models)
        chosen = board_of(choices, (), findings, Judge(None)).chosen
        assert chosen == {f"m{n}, {road}" for n in (0, 1) for road in ("constrained", "with prior")}
        assert Road.FREE in choices.rows

    async def test_one_that_names_no_model_may_keep_nothing(
        self, stubs: list[Stub], split: Split, work: Path, tmp_path: Path
    ) -> None:
        stubs[1].listed = False
        with pytest.raises(BadInput, match="Which model 'm1' has is not known"):
            await self.found(stubs, split, work, tmp_path / "keep")
        assert not (tmp_path / "keep").exists()
