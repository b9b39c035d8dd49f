"""`listwright key` and `listwright serve` as processes: who is let in, and until when."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from real_redis import free_port

from service.catalog.build import build

PATIENCE_S = 60.0
LISTWRIGHT = (sys.executable, "-c", "from service.cli import main; main()")


@dataclass(frozen=True)
class Keys:
    """As an operator has them: the file, and the keys that were shown once."""

    path: Path

    def make(self, name: str, *options: str) -> str:
        made = subprocess.run(  # noqa: S603 - our own
            [*LISTWRIGHT, "key", name, *options], capture_output=True, text=True, check=True
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.write(made.stdout)
        (shown,) = (line for line in made.stderr.splitlines() if "shown this once" in line)
        key = shown.rpartition(" ")[2]
        assert key not in made.stdout
        return key

    def revoke(self, name: str) -> None:
        entries = self.path.read_text("utf-8").split("[[keys]]")[1:]
        left = (entry for entry in entries if f'"{name}"' not in entry)
        self.path.write_text("".join(f"[[keys]]{entry}" for entry in left), "utf-8")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = [f"Book {number}" for number in range(12)]
    return build(bare(*titles), tmp_path_factory.mktemp("books"), tools(similar=False))


@contextmanager
def served(catalogue: Path, keys: Path) -> Iterator[httpx.Client]:
    port = free_port()
    variables = {
        "LISTWRIGHT_ACCESS__KEYS": str(keys),
        "LISTWRIGHT_ENGINE__KIND": "none",
        "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
        "LISTWRIGHT_RECOMMEND__MAX_K": "5",
        "LISTWRIGHT_RECOMMEND__DEFAULT_K": "5",
        "LISTWRIGHT_SERVER__DRAIN_SECONDS": "0",
    }
    command = [*LISTWRIGHT, "serve", "--catalogue", str(catalogue), "--port", str(port)]
    log = (keys.parent / "serve.log").open("wb")
    with log, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        process = subprocess.Popen(command, env=os.environ | variables, stderr=log)  # noqa: S603
        try:
            until(lambda: process.poll() is not None or answers(client))
            yield client
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0, (keys.parent / "serve.log").read_text("utf-8")


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_keys_are_good_for_what_they_say_and_until_they_are_revoked(
    catalogue: Path, tmp_path: Path
) -> None:
    keys = Keys(tmp_path / "keys.toml")
    plain, slow = keys.make("plain"), keys.make("slow", "--rate", "3/minute", "--tenant", "shop")
    boss = keys.make("boss", "--admin")

    def asks(key: str, path: str = "/recommend") -> httpx.Response:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return client.post(path, json={}, headers=headers)

    with served(catalogue, keys.path) as client:
        for nobody in ("", "lw_nobody", boss[:-1]):
            assert asks(nobody).status_code == 401
        assert asks(plain).status_code == 200
        assert asks(plain, "/catalogue/reload").status_code == 403
        assert asks(boss, "/catalogue/reload").status_code == 200
        told = [asks(slow) for _ in range(5)]
        assert [each.status_code for each in told] == [200, 200, 200, 429, 429]
        assert 1 <= int(told[-1].headers["retry-after"]) <= 60
        keys.revoke("plain")
        until(lambda: asks(plain).status_code == 401)
        assert asks(boss).status_code == 200
        keys.path.write_text("[[keys", "utf-8")
        until(lambda: any(why.startswith("keys: ") for why in degraded(client)))
        assert asks(boss).status_code == 200
    said = (tmp_path / "serve.log").read_text("utf-8")
    assert "the keys were read again" in said
    assert not any(key in said for key in (plain, slow, boss))


def degraded(client: httpx.Client) -> list[str]:
    found: list[str] = client.get("/readyz").json()["degraded"]
    return found
