"""Which catalogue is served is one for all gateways, whoever points, and the way back is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count

import pytest
from real_redis import RealRedis

from service.errors import StoreUnavailable
from service.ports import CataloguePointer
from service.store.keys import Keys
from service.store.pointer import MOST, MemoryPointer, RedisPointer
from service.store.redis_server import Plain, RedisOptions, RedisServer

_numbers = count()


@pytest.fixture(params=["memory", "redis", "cluster"])
async def pointer(
    request: pytest.FixtureRequest, servers: dict[str, RealRedis]
) -> AsyncIterator[CataloguePointer]:
    if request.param == "memory":
        yield MemoryPointer()
        return
    options = RedisOptions(servers[request.param].url, cluster=request.param == "cluster")
    server = RedisServer(options)
    yield RedisPointer(server, Keys(f"p{next(_numbers)}"))
    await server.close()


async def versions(pointer: CataloguePointer) -> list[str]:
    return [turn.version for turn in await pointer.turns()]


async def test_before_anybody_points_there_is_none(pointer: CataloguePointer) -> None:
    assert await pointer.turns() == ()


async def test_what_was_served_before_is_known_and_when(pointer: CataloguePointer) -> None:
    began = int(time.time() * 1e3)
    await pointer.point("b", "a")
    await pointer.point("c", "whatever a gateway that lags behind serves")
    turns = await pointer.turns()
    assert [turn.version for turn in turns] == ["c", "b", "a"]
    assert all(began - 2_000 <= turn.at <= began + 60_000 for turn in turns)


async def test_the_same_again_is_no_turn(pointer: CataloguePointer) -> None:
    await pointer.point("a", "a")
    assert await versions(pointer) == ["a"]
    await pointer.point("b", "a")
    await pointer.point("b", "a")
    assert await versions(pointer) == ["b", "a"]


async def test_it_begins_only_where_nobody_pointed_before(pointer: CataloguePointer) -> None:
    await pointer.begin("b")
    await pointer.begin("a")
    assert await versions(pointer) == ["b"]
    await pointer.point("c", "b")
    await pointer.begin("a")
    assert await versions(pointer) == ["c", "b"]


async def test_the_way_back_ends_where_it_began(pointer: CataloguePointer) -> None:
    for version in ("b", "a", "c"):
        await pointer.point(version, "a")
    assert await versions(pointer) == ["c", "a", "b", "a"]
    for left in (["a", "b", "a"], ["b", "a"], ["a"]):
        await pointer.back(left[0])
        assert await versions(pointer) == left


async def test_two_who_go_back_at_once_go_back_once(pointer: CataloguePointer) -> None:
    await pointer.point("b", "a")
    await pointer.point("c", "b")
    await asyncio.gather(pointer.back("b"), pointer.back("b"))
    assert await versions(pointer) == ["b", "a"]


async def test_back_to_what_is_forgotten_forgets_nothing(pointer: CataloguePointer) -> None:
    await pointer.point("b", "a")
    await pointer.back("x")
    assert await versions(pointer) == ["x", "b", "a"]


async def test_not_all_turns_are_remembered(pointer: CataloguePointer) -> None:
    for number in range(MOST + 5):
        await pointer.point(f"v{number}", "first")
    found = await versions(pointer)
    assert (len(found), found[0], found[-1]) == (MOST, f"v{MOST + 4}", "v5")


async def test_in_redis_it_is_never_evicted(servers: dict[str, RealRedis]) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    keys = Keys(f"p{next(_numbers)}")
    pointer = RedisPointer(server, keys)
    await pointer.point("b", "a")
    await pointer.back("a")
    with servers["redis"].plain() as client:
        assert client.ttl(keys.pointer()) == -1
    await server.close()


async def test_of_gateways_that_point_at_once_one_is_the_last(
    servers: dict[str, RealRedis],
) -> None:
    opened = [RedisServer(RedisOptions(servers["redis"].url)) for _ in range(4)]
    keys = Keys(f"p{next(_numbers)}")
    gateways = [RedisPointer(server, keys) for server in opened]
    await asyncio.gather(*(each.point(f"v{n}", "first") for n, each in enumerate(gateways)))
    told = [await versions(each) for each in gateways]
    assert all(each == told[0] for each in told)
    assert sorted(told[0]) == ["first", "v0", "v1", "v2", "v3"]
    assert told[0][-1] == "first"
    for server in opened:
        await server.close()


async def test_a_redis_that_is_away_is_told() -> None:
    server = RedisServer(RedisOptions("redis://127.0.0.1:1", timeout=0.2))
    pointer = RedisPointer(server, Keys("away"))
    for asked in (pointer.turns(), pointer.begin("a"), pointer.point("b", "a"), pointer.back("a")):
        with pytest.raises(StoreUnavailable):
            await asked
    await server.close()


async def test_what_somebody_else_has_put_there_is_passed_over(
    servers: dict[str, RealRedis],
) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    keys = Keys("junk")
    pointer = RedisPointer(server, keys)
    await pointer.point("v2", "v1")
    await server.run(Plain(("LPUSH", keys.pointer(), "garbage")))
    assert [turn.version for turn in await pointer.turns()] == ["v2", "v1"]
    await server.close()
