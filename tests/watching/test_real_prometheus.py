"""Where Prometheus comes from, and what is said where there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
import real_prometheus
from ground import REPOSITORY

UNPACK = REPOSITORY / "tests" / "unpack.sh"


def test_where_there_is_none_a_test_fails_and_says_how_to_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(real_prometheus, "UNPACKED", tmp_path)
    with pytest.raises(pytest.fail.Exception, match=r"no promtool: .*unpack\.sh"):
        real_prometheus.program("promtool")


def test_one_on_the_path_goes_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "promtool"
    own.write_text("#!/bin/sh\n", "utf-8")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert real_prometheus.program("promtool") == str(own)


def test_without_apt_the_script_says_what_is_wanted(tmp_path: Path) -> None:
    for needed in ("bash", "mkdir"):
        program = which(needed)
        assert program is not None
        (tmp_path / needed).symlink_to(program)
    done = subprocess.run(  # noqa: S603 - our own
        [tmp_path / "bash", UNPACK, tmp_path / "here", "prometheus"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no apt to fetch prometheus" in done.stderr
