"""A build that is killed, at any moment, costs nothing but the build."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bookcase import bare, tools
from ground import REPOSITORY

from service.catalog.artifact import load
from service.catalog.build import build
from service.catalog.build_aside import aside

BUILD = """
import os, signal, sys
from pathlib import Path
from bookcase import bare, tools
from service.catalog.build import build

out, fatal, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def progress(stage, done, total):
    print(stage, done, flush=True)
    if stage == fatal and (when == "end") == (done == total):
        os.kill(os.getpid(), signal.SIGKILL)

build(bare(*(f"New {n}" for n in range(50))), out, tools(), progress)
"""

PUBLISHING = """
import os, signal, sys
from pathlib import Path
from bookcase import bare, tools
from service import versions
from service.catalog.build import build

versions.point = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
build(bare("New"), Path(sys.argv[1]), tools())
"""

HOLDING = """
import sys, time
from pathlib import Path
from service.catalog.build_aside import aside

with aside(Path(sys.argv[1])) as folder:
    (folder / "half.npy").write_text("half")
    print(folder.name, flush=True)
    time.sleep(60)
"""


def started(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - the scripts stand above
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def killed(process: subprocess.Popen[str]) -> bool:
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


def hidden(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.name.startswith("."))


MOMENTS = [
    ("spell", "end"),
    ("embed", "end"),
    ("write", "end"),
    ("publish", "begin"),
]


def test_killed_at_any_stage_the_catalogue_before_stays(tmp_path: Path) -> None:
    before = build(bare("Old"), tmp_path / "0", tools())
    outs = [tmp_path / f"killed-{stage}" for stage, _ in MOMENTS]
    for out in outs:
        build(bare("Old"), out, tools())
    # All at once would only wait for each other's imports.
    for at in range(0, len(MOMENTS), 2):
        pairs = list(zip(MOMENTS, outs, strict=True))[at : at + 2]
        running = [started(BUILD, out, *moment) for moment, out in pairs]
        assert [killed(process) for process in running] == [True] * len(running)
    for out in outs:
        assert load(out).version == before.name
        assert [path.name for path in out.glob("c*")] == [before.name]
        (left,) = hidden(out)
        assert left.startswith(".making-")
        after = build(bare("Newer"), out, tools())
        assert load(out).version == after.name
        assert hidden(out) == []


def test_killed_between_name_and_pointer_the_catalogue_before_stays(tmp_path: Path) -> None:
    before = build(bare("Old"), tmp_path, tools())
    assert killed(started(PUBLISHING, tmp_path))
    assert load(tmp_path).version == before.name
    # What was finished is whole: the next build of the same has only to point to it.
    after = build(bare("New"), tmp_path, tools())
    assert load(tmp_path).version == after.name


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_killed_from_outside_the_catalogue_before_stays(tmp_path: Path, share: float) -> None:
    before = build(bare("Old"), tmp_path, tools())
    process = started(BUILD, tmp_path, "never", "end")
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(share * 0.05)
    process.kill()
    process.communicate(timeout=60)
    loaded = load(tmp_path)
    # It may have been quicker than the kill; then what loads is the new one, and whole.
    assert loaded.version == before.name or loaded.size == 50


def test_a_build_at_work_is_left_alone(tmp_path: Path) -> None:
    process = started(HOLDING, tmp_path)
    assert process.stdout is not None
    at_work = process.stdout.readline().strip()
    build(bare("One"), tmp_path, tools())
    assert hidden(tmp_path) == [at_work]
    process.kill()
    process.communicate(timeout=60)
    build(bare("Two"), tmp_path, tools())
    assert hidden(tmp_path) == []


def test_builds_at_once_do_not_mix(tmp_path: Path) -> None:
    with aside(tmp_path) as one, aside(tmp_path) as two:
        assert one != two
        assert {one.name, two.name} == set(hidden(tmp_path))
    assert hidden(tmp_path) == []


def test_the_same_built_twice_at_once_is_there_once(tmp_path: Path) -> None:
    running = [started(BUILD, tmp_path, "never", "end") for _ in range(2)]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    for process in running:
        process.communicate()
    assert load(tmp_path).size == 50
    assert len(list(tmp_path.iterdir())) == 2


def test_a_build_that_ends_while_leftovers_are_swept_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / ".making-1-0000"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))
    with aside(tmp_path) as folder:
        assert folder.is_dir()
