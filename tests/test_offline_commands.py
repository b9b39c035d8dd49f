"""The offline tools as the command line starts them: what they need, and from where."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typer

from service.cli import main
from service.cli.offline import NEEDS, become, run
from service.errors import BadSettings


@pytest.mark.parametrize("start", [become, run])
@pytest.mark.parametrize(("module", "package"), NEEDS.items())
def test_what_is_not_installed_is_told_before_anything_starts(
    module: str,
    package: str,
    start: Callable[[str, Sequence[str]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        assert name == package

    def never(*_: object, **__: object) -> None:
        raise AssertionError("started all the same")

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    monkeypatch.setattr(subprocess, "run", never)
    monkeypatch.setattr(os, "execv", never)
    with pytest.raises(BadSettings, match=f"{package} is not installed") as told:
        start(module, [])
    assert told.value.hint == "pip install 'listwright[train]'"


def test_a_person_is_told_so_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main(["train", "--help"])
    assert ended.value.code == 1
    told = capfd.readouterr().err
    assert "torch is not installed" in told
    assert "listwright[train]" in told


@pytest.mark.parametrize("module", NEEDS)
def test_a_folder_of_the_same_name_in_the_working_directory_is_not_taken(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path.joinpath(*module.split("."))
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text("raise SystemExit('the wrong one')", "utf-8")
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", module]
    wrong = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert "the wrong one" in wrong.stderr
    run(module, ["--help"])
    told = capfd.readouterr()
    assert "--catalogue" in told.out
    assert "the wrong one" not in told.err


@pytest.mark.parametrize(
    ("start", "number", "code"),
    [
        ("become", signal.SIGTERM, -signal.SIGTERM),
        ("become", signal.SIGKILL, -signal.SIGKILL),
        ("run", signal.SIGTERM, 128 + signal.SIGTERM),
    ],
)
def test_who_ends_the_command_ends_the_tool(start: str, number: signal.Signals, code: int) -> None:
    """The standard library's server is a tool that would go on for ever."""
    script = (
        f"from service.cli.offline import {start};"
        f"{start}('http.server', ['--bind', '127.0.0.1', '0'])"
    )
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert "Serving HTTP" in command.stdout.readline()
        command.send_signal(number)
        # This ends only when nobody has the pipe open any more, a tool that was left least of all.
        command.communicate(timeout=20)
    assert command.returncode == code


def test_a_tool_that_fails_beside_a_command_ends_it_with_its_status() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(typer.Exit) as ended:
        run("http.server", ["--no-such-option"])
    assert ended.value.exit_code == 2
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_tool_that_is_to_end_tidies_up_first(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text(
        "import signal, sys, time\n"
        "def tidy(*_):\n"
        "    time.sleep(0.5)\n"
        "    print('tidied', flush=True)\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, tidy)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n",
        "utf-8",
    )
    with subprocess.Popen(
        [sys.executable, "-c", "from service.cli.offline import run; run('tool', [])"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "up\n"
        command.send_signal(signal.SIGTERM)
        told, _ = command.communicate(timeout=60)
    assert told == "tidied\n"
    assert command.returncode == 128 + signal.SIGTERM
