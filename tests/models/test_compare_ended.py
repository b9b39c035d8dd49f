"""A vLLM that a comparison has started ends with it, whatever ends that; a small one stands in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = f"""#!{sys.executable}
import os, signal, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

class Well(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

def leave(*_):
    (Path(__file__).parent / "asked").touch()
    sys.exit()

signal.signal(signal.SIGTERM, leave)
core = subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
Path(__file__).with_name("pids").write_text(f"{{os.getpid()}} {{core.pid}}")
HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Well).serve_forever()
"""

COMPARISON = """
import asyncio, sys
from pathlib import Path
from models.evaluate.compare.serving import Starting, running

async def compare():
    async with running(Starting(Path(sys.argv[1])), Path("model"), None, 2048, "a"):
        print("up", flush=True)
        await asyncio.sleep(600)

asyncio.run(compare())
"""


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """What stands in for the Python that has vLLM: it starts a server, and that a core."""
    path = tmp_path / "python"
    path.write_text(SERVER, "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_it_ends_with_its_comparison(
    python: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    between = tmp_path / "between"
    between.mkdir()
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", COMPARISON, str(python)],
        env=os.environ | {"TMPDIR": str(between)},
        stdout=subprocess.PIPE,
        text=True,
    ) as comparison:
        assert comparison.stdout is not None
        assert comparison.stdout.readline() == "up\n"
        pids = [int(pid) for pid in (tmp_path / "pids").read_text("ascii").split()]
        assert all(map(lives, pids))
        comparison.send_signal(number)
        assert comparison.wait(timeout=60) == status
    until = time.monotonic() + 60
    while any(map(lives, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in pids if lives(pid)] == []
    assert (tmp_path / "asked").exists(), "it could not end by itself"
    assert number is not signal.SIGTERM or not list(between.glob("tmp*"))
