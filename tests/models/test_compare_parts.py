"""What a comparison recalls, measures and starts, part by part: no model is asked here."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.compare import memory, recalling
from models.evaluate.compare.candidates import Candidate, candidates_of
from models.evaluate.compare.choices import TASKS, CompareChoices, Road
from models.evaluate.compare.columns import Board, Column, board_of
from models.evaluate.compare.findings import Findings, Inputs, Measured
from models.evaluate.compare.keeping import Keeping
from models.evaluate.compare.numbers import exact, plain
from models.evaluate.compare.opening import Opened, Opener
from models.evaluate.compare.recalling import digest
from models.evaluate.compare.serving import Starting, running
from models.evaluate.compare.table import Report, markdown, write
from models.evaluate.compare.weights import served_name
from models.evaluate.general.asking import Ability, Asking
from models.evaluate.machine import machine
from models.evaluate.recommend.world import World
from models.evaluate.running import How
from models.evaluate.scores import Judge
from service.errors import BadInput, EngineFailed
from service.pipeline.parts import Policy
from service.settings import Settings, load_settings
from service.tuning import Tuning

CHOICES = CompareChoices()
POLICY = Policy()
ONE_AT_A_TIME = How()
OPTIONS = ("--no-enforce-eager", "--dtype", "half")


@pytest.fixture
def settings(cache_dir: Path) -> Settings:
    return load_settings({"cache": {"folder": cache_dir}})


def one(where: str | Path, base: Path | None = None) -> Candidate:
    (found,) = candidates_of({"a": str(where)}, {"a": str(base)} if base else {}, {})
    return found


class TestRecalled:
    """Only what was measured of the same, alike."""

    def test_who_computes(self, tiny: Path, settings: Settings) -> None:
        here, there = one(tiny), one(f"vllm:{tiny}")
        assert here.kind != there.kind
        asked = (CHOICES, Inputs(), None, settings, How())
        assert digest(here, *asked) == digest(one(tiny), *asked)
        assert digest(here, *asked) != digest(there, *asked)

    def test_on_which_machine(
        self, tiny: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = (CHOICES, Inputs(), None, settings, How())
        before = digest(one(tiny), *asked)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _at: "a GPU")
        assert machine().endswith("cores, a GPU")
        assert digest(one(tiny), *asked) != before
        # The small model never is on one; torch may be loaded for something else.
        small = digest(one("embedded"), *asked)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _at: "another")
        assert digest(one("embedded"), *asked) == small

    def test_which_tasks_of_the_harness_and_how_many_questions(
        self, tiny: Path, tmp_path: Path, settings: Settings
    ) -> None:
        general = Asking(("colours",), tmp_path, limit=2)
        others = (
            replace(general, tasks=("colours", "shapes")),
            replace(general, limit=3),
            replace(general, chat=True),
        )
        found = {
            digest(one(tiny), CHOICES, Inputs(general=asking), None, settings, How())
            for asking in (general, *others, replace(general, batch=2))
        }
        assert None not in found
        assert len(found) == 1 + len(others)

    def test_what_an_adapter_stands_on(
        self, tiny: Path, tmp_path: Path, settings: Settings
    ) -> None:
        parent, adapter = tmp_path / "parent", tmp_path / "adapter"
        shutil.copytree(tiny, parent)
        (parent / "manifest.json").unlink()
        adapter.mkdir()
        fields = {"base_model_name_or_path": str(parent)}
        (adapter / "adapter_config.json").write_text(json.dumps(fields), "utf-8")
        (adapter / "adapter_model.safetensors").touch()
        asked = (CHOICES, Inputs(), None, settings, How())
        before = digest(one(adapter), *asked)
        assert before == digest(one(adapter, base=parent), *asked)
        weights = bytearray((parent / "model.safetensors").read_bytes())
        weights[-1] ^= 1
        (parent / "model.safetensors").write_bytes(weights)
        assert digest(one(adapter), *asked) != before

    def test_how_its_vllm_was_told_to_read_it(self, tiny: Path, settings: Settings) -> None:
        told = CompareChoices(vllm_options=("--quantization", "fp8"))
        served, folder = one(f"vllm:{tiny}"), one(tiny)
        rest = (Inputs(), None, settings, How())
        assert digest(served, told, *rest) != digest(served, CHOICES, *rest)
        named = served_name(served, CHOICES.vllm_options)
        assert served_name(served, told.vllm_options) != named
        assert digest(folder, told, *rest) == digest(folder, CHOICES, *rest)
        patient = CompareChoices(vllm_seconds=900)
        assert digest(served, patient, *rest) == digest(served, CHOICES, *rest)


class TestDependedOn:
    """Whatever changes a list or an answer, or how long it takes."""

    def test_each_by_itself(
        self, tiny: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def made(
            policy: Policy = POLICY, how: How = ONE_AT_A_TIME, **changed: dict[str, Any]
        ) -> str:
            parts = {
                name: getattr(settings, name).model_copy(update=to) for name, to in changed.items()
            }
            recommender = SimpleNamespace(policy=policy)
            world = SimpleNamespace(made_of="", tuning=Tuning(), recommender=recommender)
            rest = (CHOICES, Inputs(), cast("World", world), settings.model_copy(update=parts))
            found = digest(one(tiny), *rest, how)
            assert found is not None
            return found

        policy = POLICY
        others = [
            made(replace(policy, prior_weight=0)),
            made(replace(policy, candidates=7)),
            made(replace(policy, ranked=7)),
            made(how=How(concurrency=2)),
            made(engine={"context": 777}),
            made(engine={"threads": settings.engine.threads + 1}),
            made(recommend={"temperature": 0.5}),
            made(retrieval={"similarity": not settings.retrieval.similarity}),
            made(answer={"prior_weight": 0.125}),
        ]
        whole = made()
        assert whole == made(Policy(), How())
        for name in ("PROMPT_VERSION", "CHOOSE_VERSION"):
            with monkeypatch.context() as patch:
                patch.setattr(recalling, name, "another/1")
                others.append(made())
        with monkeypatch.context() as patch:
            prompt = SimpleNamespace(version="another/1")
            patch.setattr(recalling, "answer_prompt", lambda _question: prompt)
            others.append(made())
        assert len({whole, *others}) == 1 + len(others)


class TestNames:
    """No two models are learnt of under one name."""

    def test_of_one_that_a_vllm_is_started_for(self, tiny: Path, tmp_path: Path) -> None:
        other = tmp_path / tiny.name
        shutil.copytree(tiny, other)
        assert served_name(one(f"vllm:{tiny}"), ()) == served_name(one(f"vllm:{other}"), ())
        (other / "manifest.json").unlink()
        with (other / "model.safetensors").open("ab") as file:
            file.write(b"more")
        named = [served_name(one(f"vllm:{folder}"), ()) for folder in (tiny, other)]
        assert len(set(named)) == 2
        assert all(re.fullmatch(r"a@[0-9a-f]{12}", name) for name in named)


def opened(server: int | None, before: int | None) -> Opened:
    """Nothing of it is asked for room but these."""
    nothing = cast("Any", None)
    return Opened(nothing, nothing, None, server, before)


class TestRoom:
    """How much memory a model takes, and where that cannot be told."""

    def test_on_a_gpu_it_is_what_torch_gave_out(
        self, tiny: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forgotten = list[bool]()
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 5)
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 7)
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: forgotten.append(True))
        assert (memory.begun(on_gpu=True), forgotten) == (5, [True])
        opener = Opener(settings, Starting(Path("python")))
        room = opener.room(one(tiny), opened(None, 5))
        weights = (tiny / "model.safetensors").stat().st_size
        assert room == memory.Room(weights, 7, 5, memory.HERE_ON_GPU)
        # The small model that is embedded is never there.
        small = opener.room(one("embedded"), opened(None, 5))
        assert small.how == memory.HERE

    def test_a_vllm_on_a_gpu_has_none_that_is_known(
        self,
        tiny: Path,
        settings: Settings,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        server, child = tmp_path / "42", tmp_path / "43"
        for process in (server, child):
            (process / "fd").mkdir(parents=True)
            (process / "status").write_text("VmHWM:\t  3 kB\n", "utf-8")
            (process / "fd" / "0").symlink_to("/dev/null")
        (server / "task" / "42").mkdir(parents=True)
        (server / "task" / "42" / "children").write_text("43", "ascii")
        monkeypatch.setattr(memory, "PROC", tmp_path)
        opener = Opener(settings, Starting(Path("python")))
        room = opener.room(one(f"vllm:{tiny}"), opened(42, None))
        assert (room.peak, room.how) == (2 * 3 * 1024, memory.THERE)
        (child / "fd" / "7").symlink_to("/dev/nvidiactl")
        room = opener.room(one(f"vllm:{tiny}"), opened(42, None))
        assert (room.peak, room.how) == (None, memory.THERE_ON_GPU)
        assert room.weights == (tiny / "model.safetensors").stat().st_size

    def test_weights_that_lie_there_twice_count_once(self, tiny: Path, tmp_path: Path) -> None:
        shutil.copytree(tiny, tmp_path / "twice")
        shutil.copyfile(tiny / "model.safetensors", tmp_path / "twice/consolidated.safetensors")
        weights = (tiny / "model.safetensors").stat().st_size
        assert memory.bytes_of([tmp_path / "twice"]) == weights
        (tmp_path / "adapter").mkdir()
        (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"some")
        assert memory.bytes_of([tmp_path / "twice", tmp_path / "adapter"]) == weights + 4

    def test_of_one_that_went_on_it_is_the_higher_peak(self) -> None:
        high, low, none = memory.Room(1, 9), memory.Room(1, 3), memory.Room(1)
        assert memory.larger(high, low) is memory.larger(low, high) is high
        assert memory.larger(none, low) is low


def script(folder: Path, *lines: str) -> Path:
    """What stands in for the Python that has vLLM."""
    path = folder / "python"
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", "utf-8")
    path.chmod(0o755)
    return path


class TestStarting:
    """A vLLM of one's own is told what the choices say, and waited for as long."""

    def test_later_options_are_those_of_the_choices(self, tiny: Path, tmp_path: Path) -> None:
        question = {"question": "A colour?", "truth": "red", "metric": "rougel",
                    "type": "generation"}  # fmt: skip
        (tmp_path / "one.jsonl").write_text(json.dumps(question) + "\n", "utf-8")
        words = ["compare", "--model", f"a=vllm:{tiny}", "--questions", tmp_path / "one.jsonl"]
        words += ["--vllm-python", script(tmp_path, 'echo "$@"'), "--json", tmp_path / "a.json"]
        words += ["--set", f"vllm_options={json.dumps(OPTIONS)}"]
        done = CliRunner().invoke(app, [*map(str, words)])
        assert done.exit_code == 1
        said = json.loads((tmp_path / "a.json").read_text("utf-8"))["models"]["a"]["failure"]
        assert "vLLM did not start" in said
        assert "--enforce-eager" in said
        assert "--no-enable-prefix-caching" in said
        assert f"--served-model-name {served_name(one(f'vllm:{tiny}'), OPTIONS)} " in said
        assert said.endswith("--no-enforce-eager --dtype half")

    async def test_one_that_takes_too_long_is_ended(self, tiny: Path, tmp_path: Path) -> None:
        python = script(tmp_path, f"echo $$ > {tmp_path}/pid", "exec sleep 600")
        with pytest.raises(EngineFailed, match="did not start"):
            async with running(Starting(python, within_s=0.5), tiny, None, 2048, "a"):
                pytest.fail("nothing answers there")
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text("ascii")), 0)


def test_tasks_are_asked_once_and_all_of_them_unless_chosen() -> None:
    assert CHOICES.tasks == TASKS
    assert CompareChoices.model_validate({"tasks": ["about", "about"]}).tasks == (TASKS[-1],)
    assert CompareChoices.model_validate({"rows": ["prior", "prior"]}).rows == (Road.PRIOR,)


def test_which_way_is_better_is_what_the_harness_says() -> None:
    def columns(better: int) -> tuple[Column, ...]:
        figures = {"lower": 1.0, "higher": 2.0}
        models = [
            Measured(
                replace(one("embedded"), name=name),
                general={"task": Ability(3, {"acc": exact(value)}, {"acc": better})},
            )
            for name, value in figures.items()
        ]
        return board_of(CHOICES, (), Findings(models), Judge(None)).columns

    best = {better: columns(better)[-1].best for better in (1, -1, 0)}
    assert best == {1: "higher, free", -1: "lower, free", 0: None}


def test_what_is_chosen_by_number_is_marked() -> None:
    row = "a, with prior"
    column = Column("HR@2", "recommendation", {row: exact(0.5)}, plain)
    spelled, chosen = (
        Board((row,), (column,), chosen=rows) for rows in (frozenset[str](), frozenset({row}))
    )
    assert "^" not in markdown(Report(spelled, (), {}))
    told = markdown(Report(chosen, (), {}))
    assert "| a, with prior ^ | 0.500 |" in told
    assert "chose by number" in told


def test_a_table_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "table.json"
    table.write_text("before", "utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.steps.state.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(Report(Board((), ()), (), {}), markdown_to=None, json_to=table)
    assert [path.name for path in tmp_path.iterdir()] == ["table.json"]
    assert table.read_text("utf-8") == "before"


def test_a_damaged_line_of_a_kept_folder_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "lists.jsonl").write_text("damaged\n", "utf-8")
    with pytest.raises(BadInput, match=r"lists\.jsonl, line 1 is not an outcome") as caught:
        Keeping(tmp_path).refuse()
    assert f"Remove that line from {tmp_path / 'lists.jsonl'}" in caught.value.hint


def test_help_shows_what_stands_in_brackets() -> None:
    told = CliRunner().invoke(app, ["compare", "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert "a table [models] names them" in told.output
