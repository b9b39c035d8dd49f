"""The whole service over a real Redis, as its metrics show it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from counted import series
from real_redis import real_redis

from service import wiring_editions
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.settings import load_settings
from service.wiring import opened


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = [f"Book {number}" for number in range(12)]
    return build(bare(*titles), tmp_path_factory.mktemp("books"), tools(similar=False))


async def test_calls_of_redis_are_shown_by_what_they_were_for(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is not looked meanwhile whether another version is to be served.
    monkeypatch.setattr(wiring_editions, "EVERY_S", 600.0)
    with real_redis(tmp_path) as server:
        settings = load_settings(
            {
                "catalogue": {"path": catalogue},
                "engine": {"kind": "none"},
                "retrieval": {"similarity": False},
                "recommend": {"max_k": 5, "default_k": 5},
                "store": {"kind": "redis", "url": server.url, "timeout_ms": 2_000},
            }
        )
        async with opened(settings) as parts:
            transport = httpx.ASGITransport(create_app(parts, Bounds(max_k=5, default_k=5)))
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                await used(client)
                before = await shown(client)
                server.stop()
                failed = await client.post("/recommend", json={"user_id": "ann"})
                after = await shown(client)
    info = f'listwright_build_info{{engine="none",version="{version("listwright")}"}}'
    assert before[info] == 1
    for operation in ("history", "record", "expose", "hmget", "learn"):
        assert before[f'listwright_store_seconds_count{{operation="{operation}"}}'] == 1
    assert not any(name.startswith("listwright_store_faults_total") for name in before)
    assert failed.status_code == 503
    faults = [value for name, value in after.items() if 'operation="history"' in name
              and name.startswith("listwright_store_faults_total")]  # fmt: skip
    assert faults == [1]
    assert after['listwright_shed_total{reason="gateway_busy"}'] == 0


async def used(client: httpx.AsyncClient) -> None:
    listed = (await client.post("/recommend", json={"user_id": "ann"})).json()
    first = listed["items"][0]["id"]
    met = {"id": "e1", "user_id": "ann", "item_id": first}
    assert (await client.post("/events", json={"events": [met]})).status_code == 200
    said = {"request_id": listed["request_id"], "clicked": [first]}
    assert (await client.post("/feedback", json=said)).json()["new"] == 1


async def shown(client: httpx.AsyncClient) -> dict[str, float]:
    return series((await client.get("/metrics")).text)
