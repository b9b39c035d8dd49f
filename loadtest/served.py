"""A service of its own process, on cores of its own, for a load that comes over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

START_S = 120.0
END_S = 30.0
ANSWER_S = 10.0
"""The longest to wait for the start, the end, and an answer about the service itself."""


def split_cores() -> tuple[set[int], set[int]]:
    """One core for the service, the others for whoever asks; all share where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, set(cores[1:]) or {cores[0]}


@contextmanager
def served(catalogue: Path, cores: set[int], variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a service on these cores; it is stopped in the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # Bound by itself: a function run between fork and exec may hang where there are threads.
    bind = f"import os; os.sched_setaffinity(0, {sorted(cores)})"
    command = [sys.executable, "-c", f"{bind}; from service.cli import main; main()"]
    command += ["serve", "--catalogue", str(catalogue), "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and service
            command,
            env={**os.environ, "LISTWRIGHT_SERVER__LOG_LEVEL": "warning", **variables},
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, url)
            yield url
        except RuntimeError:
            log.seek(0)
            sys.stderr.write(log.read().decode())
            raise
        finally:
            stop(process, END_S)


def stop(process: subprocess.Popen[bytes], patience: float) -> None:
    """End a process, by force if it takes longer than that."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def figure(url: str, name: str) -> float:
    """A counter of the service, all its series together."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=ANSWER_S) as answer:  # noqa: S310 - ours
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=ANSWER_S):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"the service was not ready within {START_S:.0f} s")


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
