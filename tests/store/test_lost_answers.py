"""An answer that is lost on its way from Redis: what was said is done, and counts once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path as FilePath

import pytest
from limits import parse
from real_redis import RealRedis, real_redis
from redis.exceptions import ConnectionError as RedisLost
from redis.exceptions import TimeoutError as RedisTimeout

from service.domain import Event, Exposure, Feedback, FeedbackKind, Path, Strategy, User
from service.errors import StoreUnavailable
from service.ports import Recorded
from service.store.keys import Keys
from service.store.limits import TAKE, RedisLimits
from service.store.redis import RedisHistories
from service.store.redis_calls import Call, Plain
from service.store.redis_exposures import RedisExposures
from service.store.redis_node import Node
from service.store.redis_server import RedisOptions, RedisServer
from service.store.redis_wire import Wire

ANN = User("ann")
CLICKED = Feedback(FeedbackKind.CLICKED, "i1")
BOUGHT = Feedback(FeedbackKind.BOUGHT, "i1")
LIST = Exposure("default", Strategy.RETRIEVE, Path.RANKED, None, None, ("i1",))
MINUTE = parse("2/minute")
GET = Plain(("GET", "listwright:k"))


@dataclass
class Cutting:
    """A road to Redis that, when told to, ends a connection instead of bringing an answer."""

    to: int
    cut: bool = False
    swallow: bool = False
    """Whether nothing that is said arrives."""
    then: Callable[[], None] = lambda: None
    """What happens where it ends one."""
    ends: set[asyncio.Task[None]] = field(default_factory=set)
    lines: set[asyncio.StreamWriter] = field(default_factory=set)

    def end(self) -> None:
        """End all connections."""
        for line in self.lines:
            line.close()

    def open(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.ends.add(asyncio.create_task(self.serve(near, back)))

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self.to)
        self.lines.add(there)
        going = asyncio.create_task(self._carry(near, there))
        while answer := await far.read(1 << 16):
            if self.cut:
                self.cut = False
                self.then()
                break
            back.write(answer)
        there.close()
        back.close()
        await asyncio.gather(going, there.wait_closed(), back.wait_closed())

    async def _carry(self, near: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        while said := await near.read(1 << 16):
            if not self.swallow:
                there.write(said)
        there.close()


@asynccontextmanager
async def along(redis: RealRedis) -> AsyncIterator[tuple[Cutting, str]]:
    road = Cutting(redis.port)
    listening = await asyncio.start_server(road.open, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield road, f"redis://127.0.0.1:{port}/0"
    finally:
        listening.close()
        await listening.wait_closed()
        await asyncio.gather(*road.ends)


@asynccontextmanager
async def cutting(redis: RealRedis) -> AsyncIterator[tuple[Cutting, RedisServer]]:
    async with along(redis) as (road, url):
        server = RedisServer(RedisOptions(url))
        try:
            yield road, server
        finally:
            await server.close()


@asynccontextmanager
async def to_a_node(redis: RealRedis, patience: float) -> AsyncIterator[tuple[Cutting, Node]]:
    """Redis knows the script, and is connected to."""
    async with along(redis) as (road, url):
        node = Node(Wire(url, patience, lambda: None))
        try:
            await node.run(Call(TAKE, ["cut-other"], [2, 60_000]), soon())
            yield road, node
        finally:
            await node.close()


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


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


async def test_what_nobody_waits_for_any_more_is_not_said_again(
    servers: dict[str, RealRedis],
) -> None:
    redis, keys = servers["redis"], Keys("given-up")
    async with along(redis) as (road, url), AsyncExitStack() as ending:
        near = RedisServer(RedisOptions(url, timeout=0.2))
        far = RedisServer(RedisOptions(redis.url))
        ending.push_async_callback(near.close)
        ending.push_async_callback(far.close)
        here, elsewhere = RedisHistories(near, keys), RedisHistories(far, keys)
        assert await here.history(ANN) == ()
        road.swallow = True
        with pytest.raises(StoreUnavailable):
            await here.forget(ANN)
        assert await elsewhere.record([Event("e1", ANN, "i1", 1)]) == Recorded(new=1)
        road.swallow = False
        road.end()
        await asyncio.sleep(0.1)
        assert await elsewhere.history(ANN) == ("i1",)
        assert await here.history(ANN) == ("i1",)


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


async def test_what_a_slot_on_its_way_is_asked_counts_once(servers: dict[str, RealRedis]) -> None:
    take = Call(TAKE, [Keys("cut-a").asked("shop")], [2, 60_000])
    async with to_a_node(servers["cluster"], 5) as (road, node):
        road.cut = True
        with pytest.raises(RedisLost):
            await node.asked(take, soon())
        assert not road.cut
        waits = [await node.asked(take, soon()) for _ in range(2)]
        assert [wait > 0 for wait in waits] == [False, True]


async def test_who_does_not_answer_the_second_time_hangs(tmp_path: FilePath) -> None:
    take = Call(TAKE, [Keys("cut-n").asked("shop")], [2, 60_000])
    with real_redis(tmp_path) as redis:
        process = redis.process
        assert process is not None
        async with to_a_node(redis, 0.3) as (road, node):
            road.cut, road.then = True, lambda: process.send_signal(signal.SIGSTOP)
            # The one is not said again: of what it came to nothing follows for the other.
            both = (node.run(call, soon()) for call in (take, GET))
            found = await asyncio.gather(*both, return_exceptions=True)
            hangs = node.hangs
            process.send_signal(signal.SIGCONT)
            assert [type(what) for what in found] == [RedisLost, RedisTimeout]
            assert hangs
