"""The whole service over a real Redis: remembered, and shared by gateways, in few round trips."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from real_redis import RealRedis, real_cluster, real_redis

from service import wiring_editions
from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.settings import load_settings
from service.store.limits import RedisLimits
from service.store.redis import RedisHistories
from service.store.redis_server import RedisServer
from service.wiring import Parts, opened

_numbers = count()


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
    catalogue: Path, server: RealRedis, prefix: str
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


async def listed(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    response = await client.post("/recommend", json={"user_id": "ann"})
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
    # Nor does anything else go along meanwhile.
    monkeypatch.setattr(wiring_editions, "EVERY_S", 600.0)
    async with gateway(catalogue, server, f"s{next(_numbers)}") as (client, parts):
        await listed(client)
        histories, limits = parts.store.live, parts.access.limits
        assert isinstance(histories, RedisHistories)
        assert isinstance(limits, RedisLimits)
        assert histories.server is limits.server
        trips = counted(histories.server)
        await listed(client)
        # Limit, history and kept list; then the list that feedback may come for.
        assert trips == [3, 1]


def counted(server: RedisServer) -> list[int]:
    """How many commands each round trip takes along from now on."""
    trips: list[int] = []
    sent = server._sent

    async def counting(commands: list[tuple[str | int, ...]]) -> list[object]:
        trips.append(len(commands))
        return await sent(commands)

    server._sent = counting  # type: ignore[assignment, method-assign]
    return trips


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
