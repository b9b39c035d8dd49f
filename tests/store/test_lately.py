"""What Redis said of itself is remembered for a moment, however many ask."""

from __future__ import annotations

import asyncio

import pytest
from real_redis import RealRedis

from service.store.keys import Keys
from service.store.lately import SECONDS, Lately
from service.store.redis import RedisHistories
from service.store.redis_server import RedisOptions, RedisServer


class Asked:
    def __init__(self) -> None:
        self.count = 0
        self.now = 100.0
        self.fails = False
        self.lately: Lately[int] = Lately(lambda: self.now)

    async def __call__(self) -> int:
        self.count += 1
        await asyncio.sleep(0.01)
        if self.fails:
            raise ValueError("no")
        return self.count

    async def told(self) -> int:
        return await self.lately.of(self)


async def test_an_answer_holds_for_a_while() -> None:
    asked = Asked()
    assert [await asked.told(), await asked.told()] == [1, 1]
    asked.now += SECONDS - 0.1
    assert await asked.told() == 1
    asked.now += 0.1
    assert await asked.told() == 2


async def test_many_at_once_are_one_question() -> None:
    asked = Asked()
    assert await asyncio.gather(*(asked.told() for _ in range(100))) == [1] * 100


async def test_one_who_goes_leaves_the_question_to_the_next() -> None:
    asked = Asked()
    first, second = (asyncio.create_task(asked.told()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2


async def test_an_error_is_no_answer() -> None:
    asked = Asked()
    asked.fails = True
    with pytest.raises(ValueError, match="no"):
        await asked.told()
    asked.fails = False
    assert await asked.told() == 2


async def test_redis_is_asked_once_for_a_hundred(servers: dict[str, RealRedis]) -> None:
    server = RedisServer(RedisOptions(servers["redis"].url))
    histories = RedisHistories(server, Keys("remembered"))
    before = _asked(servers["redis"])
    try:
        assert await asyncio.gather(*(histories.trouble() for _ in range(100))) == [None] * 100
    finally:
        await server.close()
    assert _asked(servers["redis"]) - before == 2, "once for all, and once for this count"


def _asked(server: RealRedis) -> int:
    """How often it was asked about itself, by its own count."""
    with server.plain() as client:
        counted = client.info("commandstats")
    return int(counted.get("cmdstat_info", {"calls": 0})["calls"])
