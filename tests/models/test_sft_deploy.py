"""The full-size recipe is read by the step that it is for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.sft.__main__ import app
from models.sft.choices import Tuning
from models.steps.config import configured

FOLDER = Path(__file__).parents[2] / "deploy" / "models"
CONFIG = FOLDER / "llama3-70b-qlora-fsdp.toml"
SCRIPT = FOLDER / "sft-llama3-70b.sh"


def test_the_choices_are_read() -> None:
    chosen = configured(Tuning, CONFIG)
    assert chosen.four_bit
    assert (chosen.rank, chosen.alpha) == (4, 2)
    assert chosen.judged_users == 0


@pytest.fixture
def command(tmp_path: Path, tiny: Path) -> list[str]:
    """What the script runs, as a torchrun that only says it has been told."""
    torchrun = tmp_path / "torchrun"
    torchrun.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    torchrun.chmod(0o755)
    for name in ("train.jsonl", "validation.jsonl"):
        (tmp_path / name).write_text("")
    env = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "MODEL": str(tiny),
        "DATA": str(tmp_path),
        "OUT": str(tmp_path / "out"),
        "GPUS": "2",
    }
    script = [str(SCRIPT), "--set", "rank=16"]
    done = subprocess.run(script, env=env, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.splitlines()


def test_the_command_line_is_the_steps_own(command: list[str]) -> None:
    begins = command.index("-m")
    assert command[begins + 1] == "models.sft"
    assert command[command.index("--nproc-per-node") + 1] == "2"
    result = CliRunner().invoke(app, command[begins + 2 :])
    # All options were understood: it comes as far as the data, which are empty.
    assert result.exit_code == 1
    assert "holds no example" in result.stderr


def test_the_script_says_what_is_missing(tmp_path: Path) -> None:
    env = os.environ | {"MODEL": str(tmp_path)}
    done = subprocess.run([str(SCRIPT)], env=env, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert f"there is no {tmp_path}/config.json" in done.stderr
