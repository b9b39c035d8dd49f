"""What a comparison recalls, measures and starts, part by part: no model is asked here."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from typer.testing import CliRunner

from models.evaluate.__main__ import app
from models.evaluate.compare import memory
from models.evaluate.compare.candidates import Candidate, candidates_of
from models.evaluate.compare.choices import TASKS, CompareChoices
from models.evaluate.compare.columns import Board
from models.evaluate.compare.findings import Inputs
from models.evaluate.compare.opening import Opened, Opener
from models.evaluate.compare.recalling import digest, mark_of
from models.evaluate.compare.serving import Starting, running
from models.evaluate.compare.table import Report, write
from models.evaluate.general.asking import Asking
from models.evaluate.machine import machine
from service.errors import EngineFailed
from service.settings import Settings, load_settings

CHOICES = CompareChoices()


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
        asked = (CHOICES, Inputs(), None, settings)
        assert digest(here, *asked) == digest(one(tiny), *asked)
        assert digest(here, *asked) != digest(there, *asked)

    def test_on_which_machine(
        self, tiny: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = (CHOICES, Inputs(), None, settings)
        before = digest(one(tiny), *asked)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _at: "a GPU")
        assert machine().endswith("cores, a GPU")
        assert digest(one(tiny), *asked) != before

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
            digest(one(tiny), CHOICES, Inputs(general=asking), None, settings)
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
        asked = (CHOICES, Inputs(), None, settings)
        before = digest(one(adapter), *asked)
        assert before == digest(one(adapter, base=parent), *asked)
        weights = bytearray((parent / "model.safetensors").read_bytes())
        weights[-1] ^= 1
        (parent / "model.safetensors").write_bytes(weights)
        assert digest(one(adapter), *asked) != before

    def test_how_its_vllm_was_told_to_read_it(self, tiny: Path, settings: Settings) -> None:
        told = CompareChoices(vllm_options=("--quantization", "fp8"))
        served, folder = one(f"vllm:{tiny}"), one(tiny)
        rest = (Inputs(), None, settings)
        assert digest(served, told, *rest) != digest(served, CHOICES, *rest)
        assert mark_of(served, told) != mark_of(served, CHOICES)
        assert digest(folder, told, *rest) == digest(folder, CHOICES, *rest)
        patient = CompareChoices(vllm_seconds=900)
        assert digest(served, patient, *rest) == digest(served, CHOICES, *rest)


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
        words += ["--set", 'vllm_options=["--no-enforce-eager", "--dtype", "half"]']
        done = CliRunner().invoke(app, [*map(str, words)])
        assert done.exit_code == 1
        said = json.loads((tmp_path / "a.json").read_text("utf-8"))["models"]["a"]["failure"]
        assert "vLLM did not start" in said
        assert "--enforce-eager" in said
        assert said.endswith("--no-enforce-eager --dtype half")

    async def test_one_that_takes_too_long_is_ended(self, tiny: Path, tmp_path: Path) -> None:
        python = script(tmp_path, f"echo $$ > {tmp_path}/pid", "exec sleep 600")
        with pytest.raises(EngineFailed, match="did not start"):
            async with running(Starting(python, within_s=0.5), tiny, None, 2048):
                pytest.fail("nothing answers there")
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text("ascii")), 0)


def test_tasks_are_asked_once_and_all_of_them_unless_chosen() -> None:
    assert CHOICES.tasks == TASKS
    assert CompareChoices.model_validate({"tasks": ["about", "about"]}).tasks == (TASKS[-1],)


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
