"""The whole service over a real Redis: remembered, and shared by gateways, in few round trips."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from counted import series
from engines.stub_server import Stub
from real_redis import RealRedis, real_cluster, real_redis, real_shards
from trips import counted, waves

from service import wiring_editions
from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.settings import load_settings
from service.store import lately, redis_watch
from service.store.limits import RedisLimits, SharedLimits
from service.store.redis import RedisHistories
from service.wiring import Parts, build_catalogue, opened

_numbers = count()
NO_MORE: Mapping[str, object] = {}


@pytest.fixture(scope="module", params=["redis", "cluster"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealRedis]:
    kind = real_cluster if request.param == "cluster" else real_redis
    with kind(tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = [f"Book {number}" for number in range(12)]
    return build(bare(*titles), tmp_path_factory.mktemp("books"), tools(similar=False))


@asynccontextmanager
async def gateway(
    catalogue: Path, server: RealRedis, prefix: str, more: Mapping[str, object] = NO_MORE
) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    settings = load_settings(
        {
            "catalogue": {"path": catalogue},
            "engine": {"kind": "none"},
            "retrieval": {"similarity": False},
            "recommend": {"max_k": 5, "default_k": 5},
            "store": {
                "kind": "redis",
                "url": server.url,
                "cluster": "--cluster-enabled" in server.options,
                "prefix": prefix,
            },
            **more,
        }
    )
    keyring = Keyring({digest_of("key"): Holder("shop", rate="1000/minute")})
    async with opened(settings) as parts:
        guarded = replace(parts, access=Access(parts.access.limits, keyring))
        transport = httpx.ASGITransport(create_app(guarded, Bounds(max_k=5, default_k=5)))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers={"x-api-key": "key"}
        ) as client:
            yield client, parts


async def listed(client: httpx.AsyncClient, user: str = "ann") -> tuple[str, list[str]]:
    response = await client.post("/recommend", json={"user_id": user})
    assert response.status_code == 200, response.text
    answer = response.json()
    return answer["request_id"], [item["id"] for item in answer["items"]]


async def test_gateways_remember_together(catalogue: Path, server: RealRedis) -> None:
    prefix = f"s{next(_numbers)}"
    async with (
        gateway(catalogue, server, prefix) as (one, _),
        gateway(catalogue, server, prefix) as (other, _),
    ):
        request, first = await listed(one)
        met = {"id": "e1", "user_id": "ann", "item_id": first[0]}
        sent = await one.post("/events", json={"events": [met]})
        assert sent.json()["new"] == 1
        assert first[0] not in (await listed(other))[1]
        again = await other.post("/events", json={"events": [met]})
        assert again.json()["known"] == 1
        told = await other.post("/feedback", json={"request_id": request, "clicked": first[:1]})
        assert told.json()["new"] == 1


async def test_a_list_takes_two_round_trips(
    catalogue: Path, server: RealRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_else_goes_along(monkeypatch)
    async with gateway(catalogue, server, f"s{next(_numbers)}") as (client, parts):
        await listed(client)
        histories, limits = parts.store.live, parts.access.limits
        assert isinstance(histories, RedisHistories)
        assert isinstance(limits, SharedLimits)
        assert isinstance(limits.together, RedisLimits)
        assert histories.server is limits.together.server
        trips = counted(monkeypatch)
        await listed(client)
        # Limit, history and kept list; then the list that feedback may come for.
        assert trips == [3, 1]


async def test_a_list_of_a_model_takes_two_as_well(
    server: RealRedis, tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_else_goes_along(monkeypatch)
    catalogue = spelled(tmp_path, cache_dir)
    stub = Stub(ChatTokenizer(ensure_model(cache_dir, print), NAME), {})
    async with stub.serving() as url:
        engine = {"kind": "openai", "url": url}
        more = {"engine": engine, "cache": {"folder": cache_dir}}
        async with gateway(catalogue, server, f"s{next(_numbers)}", more) as (client, _):
            # Redis knows the scripts after this one.
            await made(client, "bob")
            trips = counted(monkeypatch)
            assert await made(client, "ann") == ("llm", "made")
            # Limit, history and kept list; then the list to be kept, and the one that feedback may
            # come for. All of it before the answer.
            assert trips == [3, 2]
            assert await made(client, "ann") == ("llm", "kept")
            assert trips == [3, 2, 3, 1]


async def test_in_a_cluster_of_several_a_list_waits_for_two_as_well(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_else_goes_along(monkeypatch)
    with real_shards(tmp_path) as shards:
        async with gateway(catalogue, shards[0], "spread") as (client, _):
            # So many that by then each server knows the scripts.
            for number in range(40):
                await listed(client, f"u{number}")
            waited, trips = waves(monkeypatch), counted(monkeypatch)
            for number in range(20):
                await listed(client, f"u{number}")
    assert waited == [3, 1] * 20
    assert len(trips) > len(waited), "and they went to several servers"


async def made(client: httpx.AsyncClient, user: str) -> tuple[str, str]:
    """How a list was made, and whether it was made for this."""
    asked = {"user_id": user, "strategy": "generate", "deadline_ms": 60_000}
    response = await client.post("/recommend", json=asked)
    assert response.status_code == 200, response.text
    receipt = response.json()["receipt"]
    return receipt["path"], response.json()["origin"]


def spelled(folder: Path, cache: Path) -> Path:
    """A catalogue that a model can write."""
    items = [{"id": f"i{n}", "title": f"Thing {n}", "categories": ["all"]} for n in range(30)]
    (folder / "items.jsonl").write_text("".join(json.dumps(i) + "\n" for i in items), "utf-8")
    settings = load_settings({"cache": {"folder": cache}, "retrieval": {"similarity": False}})
    return build_catalogue(folder / "items.jsonl", None, folder / "built", settings)


def nothing_else_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gateway asks Redis of its own accord waits until the test is over."""
    monkeypatch.setattr(wiring_editions, "EVERY_S", 600.0)
    monkeypatch.setattr(redis_watch, "EVERY_S", 600.0)


async def test_a_redis_that_goes_away_costs_what_needs_it_and_nothing_else(
    catalogue: Path, tmp_path: Path
) -> None:
    with real_redis(tmp_path, "--appendonly", "yes") as server:
        async with gateway(catalogue, server, "away") as (client, _):
            await listed(client)
            server.stop()
            for _ in range(2):
                needs = await client.post("/recommend", json={"user_id": "ann"})
                assert (needs.status_code, needs.json()["error"]["code"]) == (
                    503,
                    "store_unavailable",
                )
                brings = await client.post("/recommend", json={"history": ["t1"]})
                assert brings.status_code == 200
                assert "t1" not in [item["id"] for item in brings.json()["items"]]
            ready = (await client.get("/readyz")).json()
            assert ready["ready"]
            assert any(why.startswith("store: Redis did not answer") for why in ready["degraded"])
            server.start()
            assert len((await listed(client))[1]) == 5


async def test_a_redis_that_is_told_to_evict_takes_no_events_and_it_is_seen(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_watch, "EVERY_S", 0.02)
    monkeypatch.setattr(lately, "SECONDS", 0.0)
    met = {"events": [{"id": "e1", "user_id": "ann", "item_id": "t1"}]}
    with real_redis(tmp_path) as server, server.plain() as redis:
        async with gateway(catalogue, server, "evicts") as (client, parts):
            assert trouble(parts) == 0
            redis.config_set("maxmemory-policy", "allkeys-lru")
            async with asyncio.timeout(20):
                while not trouble(parts):  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
            refused = await client.post("/events", json=met)
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "store_unavailable"
            assert refused.json()["error"]["hint"] == redis_watch.REMEDY
            await listed(client)


def trouble(parts: Parts) -> float:
    return series(parts.metrics.exposition().decode())['listwright_trouble{part="store"}']
