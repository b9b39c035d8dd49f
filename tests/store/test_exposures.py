"""Lists that were handed out are remembered for a while, and what is said of them counts once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import pytest
from real_redis import RealRedis

from service.domain import Exposure, Feedback, FeedbackKind, Path, Strategy
from service.ports import ExposureStore
from service.store.exposures import KEPT_S, SIDE_BY_SIDE, MemoryExposures
from service.store.keys import Keys
from service.store.redis_exposures import RedisExposures
from service.store.redis_server import RedisOptions, RedisServer

_numbers = count()

LIST = Exposure("tuned", Strategy.GENERATE, Path.LLM, "m@1", "recommend/2", ("i1", "i/2", "é"))
OTHER = Exposure("default", Strategy.RETRIEVE, Path.RANKED, None, None, ("i1",))
SHOWN = Feedback(FeedbackKind.SHOWN, "i1")
CLICKED = Feedback(FeedbackKind.CLICKED, "i1")
BOUGHT = Feedback(FeedbackKind.BOUGHT, "i/2")


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(
    request: pytest.FixtureRequest, servers: dict[str, RealRedis]
) -> AsyncIterator[ExposureStore]:
    if request.param == "memory":
        yield MemoryExposures()
        return
    options = RedisOptions(servers[request.param].url, cluster=request.param == "cluster")
    server = RedisServer(options)
    yield RedisExposures(server, Keys(f"x{next(_numbers)}"))
    await server.close()


async def test_a_list_is_remembered_as_it_was(store: ExposureStore) -> None:
    assert await store.exposed("shop", "r1") == ()
    await store.expose("shop", "r1", LIST)
    assert await store.exposed("shop", "r1") == (LIST,)
    assert await store.exposed("other", "r1") == ()


async def test_a_page_may_have_several_lists_under_one_id(store: ExposureStore) -> None:
    lists = [replace(LIST, variant=f"v{place}") for place in range(SIDE_BY_SIDE + 3)]
    for each in lists:
        await store.expose("shop", "r1", each)
    latest = lists[-SIDE_BY_SIDE:]
    assert await store.exposed("shop", "r1") == tuple(reversed(latest))


async def test_what_is_said_goes_with_the_list_that_was_the_latest(store: ExposureStore) -> None:
    await store.expose("shop", "r1", LIST)
    assert await store.learn("shop", "r1", [CLICKED, BOUGHT]) == (CLICKED, BOUGHT)
    for _ in range(SIDE_BY_SIDE - 1):
        await store.expose("shop", "r1", LIST)
    assert await store.learn("shop", "r1", [SHOWN, CLICKED]) == (SHOWN,)
    await store.expose("shop", "r1", LIST)
    # Of another list by now, and another customer where one id is sent with all.
    assert await store.learn("shop", "r1", [SHOWN, CLICKED]) == (CLICKED,)


async def test_one_id_for_all_requests_stays_as_small_as_its_lists(
    servers: dict[str, RealRedis],
) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    inside, outside = MemoryExposures(), RedisExposures(server, Keys("one-id"))
    sizes = []
    for turn in range(4 * SIDE_BY_SIDE):
        items = tuple(f"i{1_000 + 10 * turn + place}" for place in range(10))
        said = [Feedback(FeedbackKind.SHOWN, item) for item in items]
        for store in (inside, outside):
            await store.expose("shop", "same", replace(LIST, items=items))
            assert await store.learn("shop", "same", said) == tuple(said)
        with servers["redis"].plain() as redis:
            sizes.append(redis.memory_usage(outside.keys.exposed("shop", "same"), samples=0))
    # Twice around: the next power of two of the table may come late.
    assert max(sizes[2 * SIDE_BY_SIDE :]) <= max(sizes[: 2 * SIDE_BY_SIDE])
    kept = inside._kept["shop", "same"].lists
    assert [len(each.said) for each in kept] == [10] * SIDE_BY_SIDE
    await server.close()


async def test_what_is_said_counts_once(store: ExposureStore) -> None:
    await store.expose("shop", "r1", LIST)
    assert await store.learn("shop", "r1", [SHOWN, CLICKED, SHOWN]) == (SHOWN, CLICKED)
    assert await store.learn("shop", "r1", [CLICKED, BOUGHT]) == (BOUGHT,)
    await store.expose("shop", "r1", LIST)
    assert await store.learn("shop", "r1", [SHOWN, BOUGHT, CLICKED]) == ()


async def test_of_what_is_not_remembered_nothing_is_learnt(store: ExposureStore) -> None:
    assert await store.learn("shop", "r1", [SHOWN]) is None
    await store.expose("shop", "r1", LIST)
    assert await store.learn("other", "r1", [SHOWN]) is None
    assert await store.learn("shop", "r1", [SHOWN]) == (SHOWN,)


async def test_of_many_who_say_the_same_one_counts(store: ExposureStore) -> None:
    await store.expose("shop", "r1", LIST)
    told = await asyncio.gather(*(store.learn("shop", "r1", [CLICKED]) for _ in range(50)))
    assert sum(len(new or ()) for new in told) == 1


async def test_in_the_process_the_oldest_goes_first_and_all_go_in_time() -> None:
    now = [0.0]
    store = MemoryExposures(most=2, clock=lambda: now[0])
    for request in ("r1", "r2", "r3"):
        await store.expose("shop", request, LIST)
    known = [await store.exposed("shop", request) for request in ("r1", "r2", "r3")]
    assert known == [(), (LIST,), (LIST,)]
    now[0] = KEPT_S
    assert await store.exposed("shop", "r3") == ()
    assert await store.learn("shop", "r3", [SHOWN]) is None


async def test_in_the_process_lists_are_counted_and_not_the_ids_they_share() -> None:
    store = MemoryExposures(most=20)
    for request in ("r1", *["r2"] * 30, "r3"):
        await store.expose("shop", request, LIST)
    known = [len(await store.exposed("shop", request)) for request in ("r1", "r2", "r3")]
    assert known == [1, SIDE_BY_SIDE, 1]
    for request in ("r4", "r5", "r6", "r7"):
        await store.expose("shop", request, LIST)
    known = [len(await store.exposed("shop", f"r{number}")) for number in range(1, 8)]
    assert known == [0, 0, 1, 1, 1, 1, 1]


async def test_in_redis_nothing_stays_for_good(servers: dict[str, RealRedis]) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    keys = Keys(f"x{next(_numbers)}")
    store = RedisExposures(server, keys)
    await store.expose("shop", "r1", LIST)
    await store.learn("shop", "r1", [SHOWN])
    with servers["redis"].plain() as client:
        assert 0 < client.ttl(keys.exposed("shop", "r1")) <= KEPT_S
    await server.close()


async def test_what_another_version_has_written_is_as_good_as_forgotten(
    servers: dict[str, RealRedis],
) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    store = RedisExposures(server, Keys("other-version"))
    with servers["redis"].plain() as redis:
        redis.hset(store.keys.exposed("shop", "r1"), "list/0", '{"x": 1}')
    assert await store.exposed("shop", "r1") == ()
    await server.close()


async def test_bytes_that_are_no_text_cost_nobody_else_the_trip(
    servers: dict[str, RealRedis],
) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    store = RedisExposures(server, Keys("bytes"))
    await store.expose("shop", "r2", LIST)
    with servers["redis"].plain() as redis:
        redis.hset(store.keys.exposed("shop", "r1"), "list/0", b"\xff\xfe")
    found = await asyncio.gather(store.exposed("shop", "r1"), store.exposed("shop", "r2"))
    assert found == [(), (LIST,)]
    await server.close()
