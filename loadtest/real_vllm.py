"""A real vLLM of one's own, started as `make vllm` starts it: to measure it, or to ill-treat it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from service.cli import guard
from service.cli.vllm_server import HOST, Launch

PYTHON: Final = Path(__file__).resolve().parents[1] / ".venv-vllm" / "bin" / "python"
STARTS_WITHIN_S: Final = 240.0
ENDS_WITHIN_S: Final = 30.0

# What is needed is little: short prompts, at most a few dozen lists at once.
CONTEXT: Final = 4096
LEAN: Final = ("--max-num-seqs", "64")


class DidNotStart(RuntimeError):
    """The server ended, or was not healthy in time; with the end of its log."""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Vllm:
    """One server and its process group."""

    launch: Launch
    log: Path
    surroundings: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _guard: subprocess.Popen[bytes] | None = None
    """Ends the server should this process be killed."""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.launch.port}"

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self, within: float = STARTS_WITHIN_S) -> Self:
        """Start, and wait until it answers. A server that ended may be started anew."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                self.launch.command(),
                env=self.launch.environment() | self.surroundings,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = _guarding(self._process.pid)
        end = time.monotonic() + within
        while not self.healthy():
            if not self.running or time.monotonic() > end:
                self.kill()
                raise DidNotStart(f"{self.url}\n{self.tail()}")
            time.sleep(0.25)
        return self

    def healthy(self, timeout: float = 2.0) -> bool:
        """Whether it says that it is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=timeout) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def stop(self) -> None:
        """Ask it to end, as an operator would; kill what is left of it."""
        if self._process is not None:
            self.resume()
            self._process.terminate()
            try:
                self._process.wait(ENDS_WITHIN_S)
            finally:
                self.kill()

    def kill(self) -> None:
        """End every process of the server at once, without a word."""
        self._signal(signal.SIGKILL)
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None
        if self._process is not None:
            self._process.wait(ENDS_WITHIN_S)
            # Its number may be another's from now on.
            self._process = None

    def pause(self) -> None:
        """Hang: connections are accepted by the kernel and nothing ever answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after a pause."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = 40) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return


def _guarding(group: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-S", guard.__file__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    process.stdin.write(str(group).encode("ascii"))
    process.stdin.flush()
    return process


def with_plugin(folder: Path, checkpoint: Path, catalogues: Path, *more: str) -> Vllm:
    """A server that spells lists from these catalogues. It logs into the folder."""
    launch = Launch(
        PYTHON, checkpoint, free_port(), catalogues, context=CONTEXT, more=(*LEAN, *more)
    )
    return Vllm(launch, folder / "vllm.log")


def without_plugin(folder: Path, checkpoint: Path, *more: str) -> Vllm:
    """A server that has never heard of the plugin, though it shares the other's environment."""
    launch = Launch(
        PYTHON, checkpoint, free_port(), plugin=False, context=CONTEXT, more=(*LEAN, *more)
    )
    return Vllm(launch, folder / "vllm.log", {"PYTHONPATH": str(_hide_plugin(folder))})


def _hide_plugin(folder: Path) -> Path:
    """Of distributions of one name Python asks only the first on its path for entry points."""
    first = folder / "first-on-the-path"
    info = first / "listwright-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: listwright\nVersion: 0\n", "utf-8")
    return first
