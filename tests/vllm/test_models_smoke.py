"""`make models-smoke` as a whole: every step has its effect, and a real vLLM serves the end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ground import REPOSITORY

from loadtest.real_vllm import PYTHON
from models.make.course import Inputs, course
from models.merge.distance import apart
from models.rl.figures import risen
from models.steps.output import figures_of
from models.steps.telling import silently

ITEMS = 60
"""As the Makefile says."""

MODELS = ("parent", "tuned", "reinforced", "hybrid", "awq")


@dataclass(frozen=True)
class Made:
    """What the course made, and what it said."""

    out: Path
    told: str

    def figures(self, step: str) -> dict[str, Any]:
        return figures_of(self.out / step)

    def row(self, row: str) -> dict[str, Any]:
        """By column, what stands in the comparison."""
        columns = json.loads((self.out / "compare.json").read_text("utf-8"))["columns"]
        return {
            column["title"]: column["rows"][row]["value"]
            for column in columns
            if row in column["rows"]
        }


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, cache_dir: Path) -> Made:
    out = tmp_path_factory.mktemp("smoke") / "out"
    command = [
        *(sys.executable, "-m", "models.make", "--out", str(out), "--items", str(ITEMS)),
        *("--configs", str(REPOSITORY / "deploy" / "models" / "smoke")),
        *("--model", str(checkpoint), "--vllm-python", str(PYTHON)),
    ]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert ran.returncode == 0, ran.stderr[-4000:]
    return Made(out, ran.stdout)


def test_the_makefile_runs_this_course() -> None:
    text = (REPOSITORY / "Makefile").read_text("utf-8")
    assert f"--configs deploy/models/smoke --items {ITEMS} " in text


def test_tuning_lowers_the_loss(smoke: Made) -> None:
    judged = [found["loss"] for found in smoke.figures("sft")["judgements"].values()]
    assert judged[-1] < 0.5 * judged[0]


def test_reinforcement_raises_the_reward(smoke: Made) -> None:
    figures = smoke.figures("rl")
    for name in ("reward", "legal"):
        before, after = risen(figures["iterations"], name)
        assert after > before, name


def test_the_hybrid_lies_between_its_parents(smoke: Made) -> None:
    tuned, reinforced = smoke.out / "tuned", smoke.out / "reinforced"
    apart_they_are = apart(tuned, reinforced, "compare", silently).distance
    for parent in ("from_one", "from_other"):
        assert 0.2 < smoke.figures("hybrid")[parent]["distance"] / apart_they_are < 0.8


def test_awq_is_smaller_and_of_one_mind(smoke: Made) -> None:
    figures = smoke.figures("awq")
    assert figures["bytes"] < 0.5 * smoke.figures("hybrid")["bytes"]
    assert figures["agreement"] > 0.8


@pytest.mark.parametrize("model", MODELS)
def test_each_obeys_where_it_is_steered(smoke: Made, model: str) -> None:
    steered = smoke.row(f"{model}, with prior")
    assert steered["CorrectCount"] == steered["TCP include"] == 1
    assert steered["RepeatItem"] == steered["NonExist"] == steered["InHistory"] == 0


def test_what_was_learnt_shows_in_free_lists(smoke: Made) -> None:
    parent, *learnt = (smoke.row(f"{model}, free") for model in MODELS)
    # What their lines name says nothing: two users are asked about.
    assert all(row["CorrectCount"] > parent["CorrectCount"] for row in learnt)


def test_the_served_model_is_measured_like_the_others(smoke: Made) -> None:
    served, whole = smoke.row("awq, free"), smoke.row("hybrid, free")
    assert served["MB of weights"] < whole["MB of weights"] < served["MB of memory"]
    assert served["tokens/s decoded"] > 0
    assert served["context"] == whole["context"]


def test_each_step_says_what_it_came_to(smoke: Made) -> None:
    steps = course(Inputs(Path("demo"), Path("model"), smoke.out, Path("configs")))
    said = [step.name for step in steps if f"\n{step.name}: " in f"\n{smoke.told}"]
    assert said == ["data", "sft", "tuned", "rl", "reinforced", "hybrid", "awq"]
    assert "In all " in smoke.told
