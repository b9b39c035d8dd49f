"""Servers as processes, each on the cores it is given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_S: Final = 120.0
END_S: Final = 20.0
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    url: str
    session: int

    def cpu_seconds(self) -> float:
        """What it and its children have computed so far, by the kernel's account."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # The name stands in brackets and may hold anything.
                fields = stat.read_text("utf-8").rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == self.session:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS


@contextmanager
def running(
    command: Sequence[str], cores: set[int], ready: str, variables: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A server on these cores.

    `{port}` in its command is where it is to listen, `{another}` a port for what else it serves.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # Bound by itself: a function run between fork and exec may hang where there are threads.
    bind = f"import os, sys; os.sched_setaffinity(0, {sorted(cores)})"
    start = f"{bind}; os.execvp(sys.argv[1], sys.argv[1:])"
    ports = {"{port}": str(port), "{another}": str(free_port())}
    words = [ports.get(word, word) for word in command]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own servers and those asked for
            [sys.executable, "-c", start, *words],
            env={**os.environ, **(variables or {})},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(process, url + ready)
            yield Running(url, process.pid)
        except RuntimeError:
            log.seek(0)
            sys.stderr.write(log.read().decode())
            raise
        finally:
            stop(process, END_S)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(url, timeout=5.0):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"nothing answers at {url}")


def stop(process: subprocess.Popen[bytes], patience: float) -> None:
    """End a process, by force if it takes longer than that."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
