"""Reading an artifact's files must never keep a process from ending."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bindery import bind

from service.catalog.manifest import check_files, read_manifest
from service.steering.lexicon import Frame

HANGS = """
import sys, threading
from pathlib import Path
from service.catalog import manifest
from service.catalog.shelf import Shelf
from service.engines.plugin.openings import Openings

reading = threading.Event()

def hang(_path):
    reading.set()
    threading.Event().wait()

manifest._sha256 = hang
Openings(Shelf(Path(sys.argv[1]))).of(sys.argv[2])
assert reading.wait(20)
print("ending")
"""


def bound(folder: Path) -> str:
    return bind(folder, [(10, 0), (11, 0)], [["red"], []], Frame(((20,), (21,)), 2))


def test_a_disk_that_hangs_while_it_is_read_does_not_keep_the_process(tmp_path: Path) -> None:
    version = bound(tmp_path)
    ended = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", HANGS, str(tmp_path), version],
        timeout=30,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "ending\n"


def test_what_is_whole_passes(tmp_path: Path) -> None:
    folder = tmp_path / bound(tmp_path)
    check_files(folder, read_manifest(folder), hashes=True)
