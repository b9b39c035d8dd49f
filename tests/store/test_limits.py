"""Limits are exact in the process, in Redis and in a cluster of it, whoever asks at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from limits import parse
from real_redis import RealRedis, real_redis

from service.ports import Limits
from service.store.keys import Keys
from service.store.limits import QUIET_S, MemoryLimits, RedisLimits, SharedLimits
from service.store.redis_server import RedisOptions, RedisServer

_numbers = count()

MINUTE = parse("20/minute")


@pytest.fixture(params=["memory", "redis", "cluster"])
async def limits(
    request: pytest.FixtureRequest, servers: dict[str, RealRedis]
) -> AsyncIterator[Limits]:
    if request.param == "memory":
        yield MemoryLimits()
        return
    # They are to be exact; how soon a busy machine answers is another matter.
    url, cluster = servers[request.param].url, request.param == "cluster"
    options = RedisOptions(url, cluster=cluster, timeout=10.0)
    server = RedisServer(options)
    yield RedisLimits(server, Keys(f"l{next(_numbers)}"))
    await server.close()


async def test_of_many_at_once_exactly_so_many_are_let_in(limits: Limits) -> None:
    waits = await asyncio.gather(*(limits.refused(MINUTE, "shop") for _ in range(300)))
    assert waits.count(0.0) == 20
    assert all(0 < wait <= 60 for wait in waits if wait)


async def test_each_has_its_own(limits: Limits) -> None:
    rate = parse("1/minute")
    assert await limits.refused(rate, "one") == 0
    assert await limits.refused(rate, "one") > 0
    assert await limits.refused(rate, "other") == 0


async def test_whoever_waits_as_long_as_is_said_is_let_in(limits: Limits) -> None:
    rate = parse("3/second")
    assert [await limits.refused(rate, "shop") for _ in range(3)] == [0, 0, 0]
    wait = await limits.refused(rate, "shop")
    assert 0 < wait <= 1
    await asyncio.sleep(wait + 0.05)
    assert await limits.refused(rate, "shop") == 0


async def test_a_gateway_that_cannot_count_with_the_others_counts_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rate = parse("3/minute")
    with real_redis(tmp_path) as redis:
        server = RedisServer(RedisOptions(redis.url))
        now = [0.0]
        limits = SharedLimits(RedisLimits(server, Keys("alone")), clock=lambda: now[0])
        assert [await limits.refused(rate, "shop") for _ in range(2)] == [0, 0]
        with redis.plain() as client:
            client.config_set("maxmemory", "1mb")
        waits = [await limits.refused(rate, "shop") for _ in range(6)]
        assert waits[:3] == [0, 0, 0]
        assert all(0 < wait <= 60 for wait in waits[3:])
        # One line for all of them, and another once there were none for a while.
        assert [record.message for record in caplog.records] == ["limited by this gateway alone"]
        for now[0] in (QUIET_S - 1, 2 * QUIET_S - 2, 3 * QUIET_S - 2):
            await limits.refused(rate, "shop")
        assert len(caplog.records) == 2
        with redis.plain() as client:
            client.config_set("maxmemory", "0")
        assert await limits.refused(rate, "shop") == 0
        assert await limits.refused(rate, "shop") > 0
        redis.stop()
        assert await limits.refused(rate, "shop") > 0
        await server.close()


async def test_gateways_count_together(servers: dict[str, RealRedis]) -> None:
    opened = [RedisServer(RedisOptions(servers["redis"].url)) for _ in range(4)]
    keys = Keys(f"l{next(_numbers)}")
    gateways = [RedisLimits(server, keys) for server in opened]
    waits = await asyncio.gather(
        *(gateway.refused(MINUTE, "shop") for gateway in gateways for _ in range(25))
    )
    assert waits.count(0.0) == 20
    with servers["redis"].plain() as client:
        assert 0 < client.ttl(keys.asked("shop")) <= 60
    for server in opened:
        await server.close()
