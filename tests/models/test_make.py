from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from ground import REPOSITORY

from models.evaluate.compare.choices import CompareChoices
from models.make import __main__ as command
from models.make.course import Inputs, Step, catalogue_of, course, figures_told
from models.merge.choices import SlerpChoices
from models.quantize.choices import AwqChoices
from models.rl.choices import Reinforcing
from models.sft.choices import Tuning
from models.sft.data.choices import Making
from models.sft.data.parts import CATALOGUE, catalogue_said
from models.steps.config import configured
from service.errors import BadInput
from service.modelfolder import write_manifest

SMOKE = REPOSITORY / "deploy" / "models" / "smoke"


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    found = Inputs(Path("demo"), tmp_path / "base", tmp_path / "out", SMOKE, tmp_path / "python")
    (found.work / "shop-123").mkdir(parents=True)
    data = found.at("data")
    data.mkdir()
    write_manifest(data, {"figures": {CATALOGUE: catalogue_said(found.work / "shop-123", data)}})
    return found


def parsed(step: Step) -> dict[str, Any]:
    """What the step's own command reads out of its arguments."""
    app = importlib.import_module(f"{step.module}.__main__").app
    found: Any = typer.main.get_command(app)
    arguments = list(step.arguments)
    while hasattr(found, "commands"):
        found = found.commands[arguments.pop(0)]
    params: dict[str, Any] = found.make_context(step.name, arguments).params
    return params


def test_every_step_is_a_command_that_reads_its_arguments(inputs: Inputs) -> None:
    steps = list(course(inputs))
    assert [step.name for step in steps] == [
        *("data", "sft", "tuned", "rl", "reinforced", "hybrid", "awq", "compare")
    ]
    for step in steps[:-1]:
        assert parsed(step)["to"] == inputs.at(step.name), step.told


def test_steps_make_what_later_ones_take(inputs: Inputs) -> None:
    steps = {step.name: parsed(step) for step in course(inputs)}
    assert steps["data"]["model"] == steps["sft"]["model"] == inputs.model
    assert steps["sft"]["data"] == inputs.at("data")
    assert steps["tuned"]["adapter"] == inputs.at("sft")
    assert steps["rl"]["model"] == inputs.at("tuned")
    assert steps["rl"]["catalogue"] == inputs.work / "shop-123"
    assert steps["reinforced"]["adapter"] == inputs.at("rl")
    assert {steps["hybrid"]["one"], steps["hybrid"]["other"]} == {
        inputs.at("tuned"),
        inputs.at("reinforced"),
    }
    assert steps["awq"]["model"] == inputs.at("hybrid")
    assert f"awq=vllm:{inputs.at('awq')}" in steps["compare"]["model"]


def test_without_vllm_what_is_quantised_is_not_served(inputs: Inputs) -> None:
    alone = Inputs(inputs.data, inputs.model, inputs.out, inputs.configs)
    compare = list(course(alone))[-1]
    assert "=vllm:" not in compare.told
    assert "--vllm-python" not in compare.told


@pytest.mark.parametrize("file", sorted(SMOKE.glob("*.toml")), ids=lambda path: path.stem)
def test_the_choices_of_the_toy_are_read_by_its_steps(file: Path, inputs: Inputs) -> None:

    kinds = {
        "awq": AwqChoices,
        "compare": CompareChoices,
        "data": Making,
        "hybrid": SlerpChoices,
        "rl": Reinforcing,
        "sft": Tuning,
    }
    configured(kinds[file.stem], file)


class TestTheCatalogue:
    def test_is_that_of_the_examples_whatever_was_built_since(self, inputs: Inputs) -> None:
        (inputs.work / "shop-456").mkdir()
        rl = next(step for step in course(inputs) if step.name == "rl")
        assert parsed(rl)["catalogue"] == inputs.work / "shop-123"

    def test_is_found_where_all_was_moved_to(self, inputs: Inputs, tmp_path: Path) -> None:
        inputs.out.rename(tmp_path / "moved")
        found = catalogue_of(tmp_path / "moved" / "data")
        assert found == tmp_path / "moved" / "world" / "shop-123"

    def test_may_stand_elsewhere(self, inputs: Inputs, tmp_path: Path) -> None:
        shop, data = tmp_path / "shops" / "one", inputs.at("data")
        shop.mkdir(parents=True)
        write_manifest(data, {"figures": {CATALOGUE: catalogue_said(shop, data)}})
        data.rename(tmp_path / "data")
        assert catalogue_of(tmp_path / "data") == shop

    def test_that_is_not_there_is_told(self, inputs: Inputs) -> None:
        shutil.rmtree(inputs.work / "shop-123")
        with pytest.raises(BadInput, match=r"is needed, and it is not in .*shop-123") as told:
            list(course(inputs))
        assert "--afresh" in told.value.hint
        write_manifest(inputs.at("data"), {"figures": {}})
        with pytest.raises(BadInput, match="nothing says where it is"):
            list(course(inputs))


def test_a_step_that_fails_ends_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def steps(inputs: Inputs) -> list[Step]:
        merge = Step("tuned", "models.merge", ("adapter", "--adapter", str(inputs.model)))
        return [merge, Step("rl", "models.rl", ())]

    monkeypatch.setattr(command, "course", steps)
    with pytest.raises(typer.Exit) as ended:
        command.make(to=tmp_path / "out", configs=SMOKE, model=tmp_path / "none")
    assert ended.value.exit_code == 2
    told = capfd.readouterr()
    assert "python -m models.merge adapter" in told.err
    assert "models.rl" not in told.err


def test_configs_that_are_not_there_are_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.make(to=tmp_path / "out", configs=tmp_path / "none", model=tmp_path)
    assert ended.value.code == 1
    assert "no such folder" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_only_what_it_made_is_removed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").write_text("dear")
    for afresh in (False, True):
        with pytest.raises(SystemExit):
            command.make(to=tmp_path / "home", configs=SMOKE, model=tmp_path, afresh=afresh)
        assert "something else" in capfd.readouterr().err
    assert (tmp_path / "home" / "letter").read_text() == "dear"


@pytest.mark.parametrize("named", ["letter", "letter/out"])
def test_a_file_is_no_folder_for_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], named: str
) -> None:
    (tmp_path / "letter").write_text("dear")
    for afresh in (False, True):
        with pytest.raises(SystemExit):
            command.make(to=tmp_path / named, configs=SMOKE, model=tmp_path, afresh=afresh)
        told = " ".join(capfd.readouterr().err.split())
        assert "letter is a file." in told
        assert "Name a folder with --out" in told
    assert (tmp_path / "letter").read_text() == "dear"


def test_begins_afresh_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "course", lambda _inputs: [])
    command.make(to=tmp_path / "out", configs=SMOKE, model=tmp_path)
    (tmp_path / "out" / "sft").mkdir()
    command.make(to=tmp_path / "out", configs=SMOKE, model=tmp_path)
    assert (tmp_path / "out" / "sft").is_dir()
    command.make(to=tmp_path / "out", configs=SMOKE, model=tmp_path, afresh=True)
    assert not (tmp_path / "out" / "sft").exists()


def test_only_plain_figures_are_told_in_a_line() -> None:
    figures = {"steps": 40, "loss": 1.23456, "best": {"loss": 1.2}, "ended_by": "steps", "a": True}
    assert figures_told("sft", figures) == "sft: steps 40, loss 1.235"
