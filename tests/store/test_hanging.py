"""A Redis that hangs is asked by one call at a time; all others are told without waiting."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from real_redis import real_redis

from service.errors import StoreUnavailable
from service.store.redis_server import HANGS, Plain, RedisOptions, RedisServer

GET = Plain(("GET", "listwright:k"))


async def failed(server: RedisServer) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        await server.run(GET)
    return caught.value.message


async def test_one_at_a_time_finds_out_whether_it_still_does(tmp_path: Path) -> None:
    with real_redis(tmp_path) as redis:
        assert redis.process is not None
        server = RedisServer(RedisOptions(redis.url, timeout=0.3))
        assert await server.run(GET) is None
        redis.process.send_signal(signal.SIGSTOP)
        try:
            assert HANGS not in await failed(server), "the first has to wait to know"
            while server._trips:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
            probe = asyncio.create_task(failed(server))
            while not server._trips:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
            assert [await failed(server) for _ in range(5)] == [HANGS] * 5
            assert not probe.done()
            assert HANGS not in await probe
        finally:
            redis.process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(10):
            while server._hangs:
                await asyncio.gather(server.run(GET), return_exceptions=True)
        assert await asyncio.gather(*(server.run(GET) for _ in range(20))) == [None] * 20
        await server.close()
