"""Keys, passwords, salts, what users write: in no log, metric or probe, whatever fails."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from engines.stub_server import Stub
from real_redis import RealRedis, real_redis
from typer.testing import CliRunner

from service.access.keyring import digest_of, entry_of, new_key
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.artifact import LoadedCatalogue, load
from service.cli.commands import app as commands
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.settings import load_settings
from service.telemetry.logs import JsonLines
from service.wiring import build_catalogue, opened

KEY, WRONG = new_key(), new_key()
PASSWORD, ENGINE_KEY, SALT = "pw-of-redis-71c4", "sk-engine-5d0e", "salt-9b2f"
SECRETS = (KEY, WRONG, digest_of(KEY), PASSWORD, ENGINE_KEY, SALT)

USER, EVENT = "user-marigold", "event-tulip"
WORDS, QUERY = "presents for grandma daffodil", "lavender soap"
QUESTION = "Which of these suits aunt hyacinth?\n1. Red Mug\n2. Blue Lamp"
PRIVATE = (USER, EVENT, "daffodil", "lavender", "hyacinth")
"""Of users: these may be told to whoever sent them, and to nobody else."""

LIST = {"user_id": USER, "k": 3, "intent": {"text": WORDS, "query": QUERY}, "deadline_ms": 4_000}
MET = {"events": [{"id": EVENT, "user_id": USER, "item_id": "i1"}]}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> LoadedCatalogue:
    folder = tmp_path_factory.mktemp("shop")
    lines = (
        json.dumps({"id": f"i{n}", "title": f"{colour} {thing}", "categories": [colour]})
        for n, (colour, thing) in enumerate(
            (colour, thing)
            for colour in ("Red", "Blue", "Green")
            for thing in ("Mug", "Lamp", "Sock", "Book", "Drum")
        )
    )
    (folder / "items.jsonl").write_text("\n".join(lines), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return load(build_catalogue(folder / "items.jsonl", None, folder / "built", settings))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealRedis]:
    with real_redis(tmp_path) as running:
        with running.plain() as client:
            client.config_set("requirepass", PASSWORD)
        yield running


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, libraries included, as the service writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    # The client of this test is no part of the service.
    handler.addFilter(lambda record: not record.name.startswith("httpx"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def stub(catalogue: LoadedCatalogue, cache_dir: Path) -> Stub:
    tokenizer = ChatTokenizer(ensure_model(cache_dir, print), NAME)
    return Stub(tokenizer, {catalogue.version: catalogue})  # type: ignore[dict-item]


def variables(
    catalogue: LoadedCatalogue, server: RealRedis, url: str, folder: Path, cache: Path
) -> dict[str, Any]:
    keys = folder / "keys.toml"
    keys.write_text(entry_of(KEY, name="shop", admin=True), "utf-8")
    return {
        "cache": {"folder": str(cache)},
        "catalogue": {"path": str(catalogue.folder)},
        "access": {"keys": str(keys)},
        "retrieval": {"similarity": False},
        "engine": {"kind": "vllm", "url": url, "api_key": ENGINE_KEY, "tenant": SALT},
        "store": {
            "kind": "redis",
            "url": server.url.replace("redis://", f"redis://:{PASSWORD}@"),
            "lists_seconds": 0,
        },
    }


class Asked:
    """A client that keeps the errors it was answered."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.errors: list[str] = []
        self.statuses: list[int] = []

    async def all(self, key: str = KEY) -> list[int]:
        headers = {"authorization": f"Bearer {key}"}
        statuses = []
        for path, body in (
            ("/events", MET),
            ("/recommend", LIST),
            ("/recommend", LIST | {"stream": True}),
            ("/answer", {"question": QUESTION, "deadline_ms": 4_000}),
            ("/feedback", {"request_id": "r", "shown": ["i1"]}),
            ("/recommend", LIST | {"k": 0}),
            ("/recommend", LIST | {"variant": "none"}),
            ("/catalogue/reload", {"version": "none"}),
        ):
            response = await self.client.post(path, json=body, headers=headers)
            statuses.append(response.status_code)
            if response.status_code >= 400:
                self.errors.append(response.text)
        await self.client.get(f"/users/{USER}/history", headers=headers)
        return statuses

    async def told(self) -> str:
        """What anybody may read, and whoever scrapes."""
        probes = [(await self.client.get(path)).text for path in ("/readyz", "/healthz", "/")]
        headers = {"x-api-key": KEY}
        return "".join(probes) + (await self.client.get("/metrics", headers=headers)).text


@asynccontextmanager
async def asking(settings: dict[str, Any]) -> AsyncIterator[Asked]:
    async with opened(load_settings(settings)) as parts:
        transport = httpx.ASGITransport(create_app(parts, Bounds()), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            yield Asked(client)


def leaks(text: str, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word in text]


async def test_nothing_secret_is_told_whatever_fails(
    catalogue: LoadedCatalogue,
    server: RealRedis,
    stub: Stub,
    logged: io.StringIO,
    tmp_path: Path,
    cache_dir: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    quoted = json.dumps({"error": {"message": f"{ENGINE_KEY} {SALT} {WORDS} {QUESTION}"}})
    async with (
        stub.serving() as url,
        asking(variables(catalogue, server, url, tmp_path, cache_dir)) as asked,
    ):
        well = await asked.all()
        assert well[:4] == [200] * 4, asked.errors
        assert any(
            value == f"Bearer {ENGINE_KEY}" for sent in stub.headers for value in sent.values()
        ), "the key is really used"
        assert set(await asked.all(WRONG)) == {401}
        told = await asked.told()
        for status, raw in ((401, None), (500, None), (None, quoted.encode()), (400, None)):
            stub.status, stub.raw, stub.quotes = status, raw, True
            assert (await asked.all())[1] == 200, "another path makes the list"
            told += await asked.told()
        server.stop()
        statuses = await asked.all()
        assert statuses[0] == 503, "events cannot be kept"
        told += await asked.told()
    everything = "".join([logged.getvalue(), told, *capfd.readouterr()])
    assert "/recommend" in everything
    assert '"event": "request"' in everything
    assert leaks(everything, SECRETS + PRIVATE) == []
    assert leaks("".join(asked.errors), SECRETS) == []


async def test_nor_by_an_error_that_nobody_foresaw(
    catalogue: LoadedCatalogue,
    server: RealRedis,
    stub: Stub,
    logged: io.StringIO,
    tmp_path: Path,
    cache_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception that quotes all there is, raised from another that does."""

    def broken(*_: object) -> None:
        try:
            int(f"{KEY} {USER}")
        except ValueError as error:
            raise RuntimeError(f"{PASSWORD} {WORDS} {QUERY} {QUESTION} {EVENT}") from error

    async with (
        stub.serving() as url,
        asking(variables(catalogue, server, url, tmp_path, cache_dir)) as asked,
    ):
        monkeypatch.setattr(LoadedCatalogue, "rows", broken)
        assert 500 in await asked.all()
        told = await asked.told()
    log = logged.getvalue()
    assert "builtins.RuntimeError" in log
    assert "builtins.ValueError" in log
    assert f'{Path(__file__).name}\\", line' in log, "where it was is told"
    assert leaks(log + told + "".join(asked.errors), SECRETS + PRIVATE) == []


@pytest.mark.parametrize("redis_is_there", [True, False])
async def test_nor_by_a_check(
    catalogue: LoadedCatalogue,
    server: RealRedis,
    stub: Stub,
    tmp_path: Path,
    cache_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    redis_is_there: bool,
) -> None:
    stub.status = 401
    if not redis_is_there:
        server.stop()
    async with stub.serving() as url:
        chosen = variables(catalogue, server, url, tmp_path, cache_dir)
        for part, fields in chosen.items():
            for name, value in fields.items():
                monkeypatch.setenv(f"LISTWRIGHT_{part}__{name}".upper(), str(value))
        said = await _in_thread(["check"])
    assert "engine" in said
    assert leaks(said, SECRETS) == []


async def _in_thread(arguments: list[str]) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, commands, arguments)
    return f"{done.output}{done.exception!r}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STORE__URL", f"http://:{PASSWORD}@somewhere"),
        ("STORE__URL", f"redis://:{PASSWORD}@some where/x"),
        ("ENGINE__API_KEY", ""),
    ],
)
def test_nor_by_a_setting_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"LISTWRIGHT_{name}", value)
    monkeypatch.setenv("LISTWRIGHT_ENGINE__TENANT", SALT)
    monkeypatch.setenv("LISTWRIGHT_RECOMMEND__MAX_K", "none")
    done = CliRunner().invoke(commands, ["check"])
    assert done.exit_code != 0
    assert leaks(f"{done.output}{done.exception!r}", SECRETS) == []
