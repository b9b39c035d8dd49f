"""A process of ours: what it inherits, how it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.faults.child import Child

TELLS = "import os; print(sorted(n for n in os.environ if n.startswith('LISTWRIGHT_')), flush=True)"
ENDS = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
WAITS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    one = Child(
        [sys.executable, "-c", f"{ENDS}; {WAITS}"], tmp_path / "log", os.sched_getaffinity(0)
    )
    yield one
    one.kill()


def is_up(child: Child) -> None:
    until = time.monotonic() + 20
    while "up" not in child.log.read_text("utf-8"):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_ends_by_itself_and_can_be_started_again(child: Child) -> None:
    for _ in range(2):
        child.log.unlink(missing_ok=True)
        child.start()
        is_up(child)
        assert child.waited() >= 0
        assert child.end() == 0
    assert child.end() is None


def test_what_has_to_be_killed_has_not_ended(child: Child) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    child.command = [sys.executable, "-c", f"{stubborn}; {WAITS}"]
    child.start()
    is_up(child)
    assert child.end(0.1) is None


def test_settings_of_whoever_starts_it_are_not_its_own(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTWRIGHT_ENGINE__KIND", "none")
    monkeypatch.setenv("LISTWRIGHT_CACHE", "/somewhere")
    child.command = [sys.executable, "-c", f"{TELLS}; {WAITS}"]
    child.variables = {"LISTWRIGHT_SERVER__PORT": "1"}
    child.start()
    is_up(child)
    assert "['LISTWRIGHT_CACHE', 'LISTWRIGHT_SERVER__PORT']" in child.log.read_text("utf-8")
