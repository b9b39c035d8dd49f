"""Caches keep their promise in the process, in Redis and in a cluster of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from real_redis import RealRedis

from service.errors import StoreUnavailable
from service.ports import Cache
from service.store.cache import MemoryCache
from service.store.keys import Keys
from service.store.redis_cache import MOST_S, RedisCache
from service.store.redis_server import RedisOptions, RedisServer

_numbers = count()


@pytest.fixture(params=["memory", "redis", "cluster"])
async def cache(
    request: pytest.FixtureRequest, servers: dict[str, RealRedis]
) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache()
        return
    options = RedisOptions(servers[request.param].url, cluster=request.param == "cluster")
    server = RedisServer(options)
    yield RedisCache(server, Keys(f"c{next(_numbers)}"))
    await server.close()


async def test_what_was_put_is_there(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.put("a", "ünïcode \n {}")
    await cache.put("b", "")
    assert (await cache.get("a"), await cache.get("b")) == ("ünïcode \n {}", "")
    await cache.put("a", "anew")
    assert await cache.get("a") == "anew"


async def test_it_is_there_for_as_long_as_was_said(cache: Cache) -> None:
    await cache.put("a", "short", seconds=0.05)
    await cache.put("b", "long", seconds=60)
    await asyncio.sleep(0.1)
    assert (await cache.get("a"), await cache.get("b")) == (None, "long")


@pytest.mark.parametrize("seconds", [None, 10.0, 1e9])
async def test_in_redis_nothing_stays_for_good(
    servers: dict[str, RealRedis], seconds: float | None
) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    keys = Keys(f"c{next(_numbers)}")
    await RedisCache(server, keys).put("a", "x", seconds)
    with servers["redis"].plain() as client:
        assert 0 < client.ttl(keys.cached("a")) <= min(seconds or MOST_S, MOST_S)
    await server.close()


async def test_a_redis_that_is_away_is_told() -> None:
    server = RedisServer(RedisOptions("redis://127.0.0.1:1", timeout=0.2))
    cache = RedisCache(server, Keys("away"))
    with pytest.raises(StoreUnavailable):
        await cache.get("a")
    with pytest.raises(StoreUnavailable):
        await cache.put("a", "x")
    await server.close()
