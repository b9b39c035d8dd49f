"""A Redis that hangs is asked by one call at a time; all others are told without waiting."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from pathlib import Path

import pytest
from real_redis import real_redis

from service.errors import StoreUnavailable
from service.store.redis_calls import Plain
from service.store.redis_node import HANGS, Node
from service.store.redis_wire import Wire

GET = Plain(("GET", "listwright:k"))
TIMEOUT_S = 0.3


async def asked(node: Node) -> object:
    return await node.run(GET, asyncio.get_running_loop().time() + TIMEOUT_S)


async def told_at_once(node: Node) -> None:
    with pytest.raises(StoreUnavailable, match=HANGS):
        await asked(node)


async def waits(node: Node) -> None:
    with pytest.raises(TimeoutError):
        await asked(node)


async def test_a_process_that_stood_still_takes_redis_for_well(tmp_path: Path) -> None:
    with real_redis(tmp_path) as redis:
        node = Node(Wire(redis.url, TIMEOUT_S * 2, lambda: None))
        assert await asked(node) is None
        for _ in range(5):
            asking = [asyncio.create_task(asked(node)) for _ in range(20)]
            while not node._trips:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            time.sleep(TIMEOUT_S * 1.2)  # noqa: ASYNC251 - that is what it does
            assert await asyncio.gather(*asking) == [None] * 20
            assert not node.hangs
        await node.close()


async def test_who_goes_before_the_answer_leaves_nothing_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with real_redis(tmp_path) as redis:
        node = Node(Wire(redis.url, TIMEOUT_S * 2, lambda: None))
        redis.stop()
        for _ in range(10):
            asking = asyncio.create_task(asked(node))
            await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        await node.close()
        gc.collect()
    assert caplog.text == ""


@pytest.mark.parametrize("others", [0, 1, 5])
async def test_who_goes_away_says_nothing_of_redis(tmp_path: Path, others: int) -> None:
    with real_redis(tmp_path) as redis:
        node = Node(Wire(redis.url, TIMEOUT_S * 2, lambda: None))
        assert await asked(node) is None
        going, *staying = [asyncio.create_task(asked(node)) for _ in range(1 + others)]
        await asyncio.sleep(0)
        assert node._leaving, "it sets off in some turns of the loop"
        going.cancel()
        assert await asyncio.gather(*staying) == [None] * others
        while node._leaving or node._trips:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        assert not node.hangs
        assert await asyncio.gather(*(asked(node) for _ in range(3))) == [None] * 3
        await node.close()


async def test_what_a_slot_on_its_way_is_asked_finds_it_out_too(tmp_path: Path) -> None:
    with real_redis(tmp_path) as redis:
        assert redis.process is not None
        node = Node(Wire(redis.url, TIMEOUT_S * 2, lambda: None))
        redis.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError):
                await node.asked(GET, asyncio.get_running_loop().time() + TIMEOUT_S)
            assert node.hangs
            await told_at_once(node)
        finally:
            redis.process.send_signal(signal.SIGCONT)
        await node.close()


async def test_one_at_a_time_finds_out_whether_it_still_does(tmp_path: Path) -> None:
    with real_redis(tmp_path) as redis:
        assert redis.process is not None
        node = Node(Wire(redis.url, TIMEOUT_S * 2, lambda: None))
        assert await asked(node) is None
        redis.process.send_signal(signal.SIGSTOP)
        try:
            await waits(node)
            assert node.hangs, "the first has to wait to know"
            while node._trips:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
            probe = asyncio.create_task(waits(node))
            await asyncio.sleep(0)
            # Of those that come together as well, before the first one has even left.
            await asyncio.gather(*(told_at_once(node) for _ in range(5)))
            assert not probe.done()
            await probe
        finally:
            redis.process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(10):
            while node.hangs:
                await asyncio.gather(asked(node), return_exceptions=True)
        assert await asyncio.gather(*(asked(node) for _ in range(20))) == [None] * 20
        await node.close()
