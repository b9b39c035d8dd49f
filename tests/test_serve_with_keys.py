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


@dataclass(frozen=True)
class Service:
    client: httpx.Client
    process: subprocess.Popen[bytes]


@contextmanager
def served(catalogue: Path, keys: Path, drain_seconds: float = 0.0) -> Iterator[Service]:
    port = free_port()
    variables = {
        "LISTWRIGHT_ACCESS__KEYS": str(keys),
        "LISTWRIGHT_ENGINE__KIND": "none",
        "LISTWRIGHT_RETRIEVAL__SIMILARITY": "false",
        "LISTWRIGHT_RECOMMEND__MAX_K": "5",
        "LISTWRIGHT_RECOMMEND__DEFAULT_K": "5",
        "LISTWRIGHT_SERVER__DRAIN_SECONDS": str(drain_seconds),
    }
    command = [*LISTWRIGHT, "serve", "--catalogue", str(catalogue), "--port", str(port)]
    log = (keys.parent / "serve.log").open("wb")
    with log, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        process = subprocess.Popen(command, env=os.environ | variables, stderr=log)  # noqa: S603
        try:
            until(lambda: process.poll() is not None or answers(client))
            yield Service(client, process)
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
    boss, eye = keys.make("boss", "--admin"), keys.make("eye", "--watch")

    def asks(key: str, path: str = "/recommend") -> httpx.Response:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return client.post(path, json={}, headers=headers)

    with served(catalogue, keys.path) as service:
        client = service.client
        for nobody in ("", "lw_nobody", boss[:-1]):
            assert asks(nobody).status_code == 401
        assert asks(plain).status_code == 200
        assert asks(plain, "/catalogue/reload").status_code == 403
        assert asks(boss, "/catalogue/reload").status_code == 200
        watched = {key: metrics(client, key) for key in (plain, boss, eye)}
        assert watched == {plain: 403, boss: 200, eye: 200}
        assert asks(eye).status_code == 403
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
    assert not any(key in said for key in (plain, slow, boss, eye))


def degraded(client: httpx.Client) -> list[str]:
    found: list[str] = client.get("/readyz").json()["degraded"]
    return found


def metrics(client: httpx.Client, key: str) -> int:
    return client.get("/metrics", headers={"x-api-key": key}).status_code


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["a b"], "`name` has 1 to 64 letters, digits"),
        (["a", "--rate", "often"], "`rate` is such as 600/minute"),
        (["a", "--admin", "--watch"], "an `admin` may watch as well"),
    ],
)
def test_a_key_that_cannot_be_made_is_told_in_our_words(options: list[str], words: str) -> None:
    made = subprocess.run(  # noqa: S603 - our own
        [*LISTWRIGHT, "key", *options], capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert not made.stdout
    assert words in " ".join(made.stderr.split())
    assert "lw_" not in made.stderr, "no key is shown that nothing is good for"


def test_told_to_end_it_parts_from_each_client_with_an_answer(
    catalogue: Path, tmp_path: Path
) -> None:
    """A pool that keeps its connections, and never asks whether the service is ready."""
    keys = Keys(tmp_path / "keys.toml")
    bearing = {"authorization": f"Bearer {keys.make('plain')}"}
    with served(catalogue, keys.path, drain_seconds=PATIENCE_S) as service:

        def asked(client: httpx.Client) -> str:
            answer = client.post("/recommend", json={}, headers=bearing)
            assert (answer.status_code, len(answer.json()["items"])) == (200, 5)
            return answer.headers.get("connection", "kept")

        idle = httpx.Client(base_url=service.client.base_url, timeout=PATIENCE_S)
        with idle:
            assert [asked(client) for client in (service.client, idle, idle)] == ["kept"] * 3
            service.process.terminate()
            with httpx.Client(base_url=service.client.base_url) as prober:
                until(lambda: prober.get("/readyz").status_code == 503)
            assert [asked(service.client) for _ in range(20)] == ["close"] * 20
            assert asked(idle) == "close"
