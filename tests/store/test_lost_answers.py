"""An answer that is lost on its way from Redis: what was said is done, and counts once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from limits import parse
from real_redis import RealRedis

from service.domain import Event, Exposure, Feedback, FeedbackKind, Path, Strategy, User
from service.errors import StoreUnavailable
from service.ports import Recorded
from service.store.exposures import RedisExposures
from service.store.keys import Keys
from service.store.limits import RedisLimits
from service.store.redis import RedisHistories
from service.store.redis_server import RedisOptions, RedisServer

ANN = User("ann")
CLICKED = Feedback(FeedbackKind.CLICKED, "i1")
BOUGHT = Feedback(FeedbackKind.BOUGHT, "i1")
LIST = Exposure("default", Strategy.RETRIEVE, Path.RANKED, None, None, ("i1",))
MINUTE = parse("2/minute")


@dataclass
class Cutting:
    """A road to Redis that, when told to, ends a connection instead of bringing an answer."""

    to: int
    cut: bool = False
    ends: set[asyncio.Task[None]] = field(default_factory=set)

    def open(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.ends.add(asyncio.create_task(self.serve(near, back)))

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self.to)
        going = asyncio.create_task(self._carry(near, there))
        while answer := await far.read(1 << 16):
            if self.cut:
                self.cut = False
                break
            back.write(answer)
        there.close()
        back.close()
        await asyncio.gather(going, there.wait_closed(), back.wait_closed())

    async def _carry(self, near: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        while said := await near.read(1 << 16):
            there.write(said)
        there.close()


@asynccontextmanager
async def cutting(redis: RealRedis) -> AsyncIterator[tuple[Cutting, RedisServer]]:
    road = Cutting(redis.port)
    listening = await asyncio.start_server(road.open, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server = RedisServer(RedisOptions(f"redis://127.0.0.1:{port}/0"))
    try:
        yield road, server
    finally:
        await server.close()
        listening.close()
        await listening.wait_closed()
        await asyncio.gather(*road.ends)


async def test_what_comes_to_the_same_twice_is_said_again(servers: dict[str, RealRedis]) -> None:
    async with cutting(servers["redis"]) as (road, server):
        histories = RedisHistories(server, Keys("cut-h"))
        await histories.record([Event("e1", ANN, "i1", 1)])
        road.cut = True
        assert await histories.history(ANN) == ("i1",)
        road.cut = True
        assert await histories.record([Event("e2", ANN, "i2", 2)]) == Recorded(known=1)
        assert not road.cut
        assert await histories.history(ANN) == ("i1", "i2")


async def test_a_request_counts_once_against_its_limit(servers: dict[str, RealRedis]) -> None:
    async with cutting(servers["redis"]) as (road, server):
        histories, limits = (
            RedisHistories(server, Keys("cut-l")),
            RedisLimits(server, Keys("cut-l")),
        )
        # Redis knows the scripts from here on.
        await asyncio.gather(histories.history(ANN), limits.refused(MINUTE, "other"))
        road.cut = True
        # They travel together: the one is said again, the other is not.
        read, taken = await asyncio.gather(
            histories.history(ANN), limits.refused(MINUTE, "shop"), return_exceptions=True
        )
        assert not road.cut
        assert read == ()
        assert isinstance(taken, StoreUnavailable)
        assert await limits.refused(MINUTE, "shop") == 0
        assert await limits.refused(MINUTE, "shop") > 0


async def test_a_click_counts_though_it_is_said_twice(servers: dict[str, RealRedis]) -> None:
    async with cutting(servers["redis"]) as (road, server):
        exposures = RedisExposures(server, Keys("cut-f"))
        await exposures.expose("shop", "r1", LIST)
        await exposures.learn("shop", "r1", [CLICKED])
        road.cut = True
        assert await exposures.learn("shop", "r1", [CLICKED, BOUGHT, BOUGHT]) == (BOUGHT,)
        assert not road.cut
        assert await exposures.learn("shop", "r1", [BOUGHT]) == ()
