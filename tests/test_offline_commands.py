"""The offline tools as the command line starts them: what they need, and from where."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import main
from service.cli.offline import NEEDS, run
from service.errors import BadSettings


@pytest.mark.parametrize(("module", "package"), NEEDS.items())
def test_what_is_not_installed_is_told_before_anything_starts(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        assert name == package

    def never(*_: object, **__: object) -> None:
        raise AssertionError("started all the same")

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(BadSettings, match=f"{package} is not installed") as told:
        run(module, [])
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
