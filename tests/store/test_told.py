"""What is told of a real Redis: each call by what it was for, round trips, and what failed."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from counted import series
from limits import parse
from real_redis import RealRedis

from service.domain import DEFAULT_TENANT, Event, User
from service.errors import StoreUnavailable
from service.store.keys import Keys
from service.store.limits import RedisLimits
from service.store.redis import RedisHistories
from service.store.redis_cache import RedisCache
from service.store.redis_server import RedisOptions, RedisServer
from service.telemetry.metrics import Metrics

ANN = User("ann", DEFAULT_TENANT)


class Ledger:
    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.faults: list[tuple[str, str]] = []
        self.trips = 0
        self.seconds: list[float] = []

    def called(self, operation: str, seconds: float, error: Exception | None) -> None:
        self.calls[operation] += 1
        self.seconds.append(seconds)
        if error is not None:
            self.faults.append((operation, type(error).__name__))

    def travelled(self) -> None:
        self.trips += 1


async def test_calls_of_a_moment_are_told_each_and_travel_together(
    servers: dict[str, RealRedis],
) -> None:
    ledger = Ledger()
    server = RedisServer(RedisOptions(servers["redis"].url), ledger)
    keys = Keys("told")
    histories, cache = RedisHistories(server, keys), RedisCache(server, keys)
    await histories.record([Event("e1", ANN, "i1", 1_000)])
    # A script that Redis does not know yet is sent once more.
    await histories.history(ANN)
    before = ledger.trips
    await asyncio.gather(histories.history(ANN), cache.get("a"))
    await cache.put("a", "b")
    await histories.forget(ANN)
    await server.close()
    assert ledger.calls == {"record": 1, "history": 2, "get": 1, "set": 1, "delete": 1}
    assert ledger.trips - before == 2 + 1
    assert ledger.faults == []
    assert all(0 < seconds < 5 for seconds in ledger.seconds)


async def test_what_fails_is_told_as_what_it_was() -> None:
    metrics = Metrics()
    server = RedisServer(RedisOptions("redis://127.0.0.1:1", timeout=0.2), metrics.store)
    with pytest.raises(StoreUnavailable):
        await RedisHistories(server, Keys("told")).history(ANN)
    with pytest.raises(StoreUnavailable):
        await RedisHistories(server, Keys("told")).forget(ANN)
    await server.close()
    counted = series(metrics.exposition().decode())
    for operation in ("history", "delete"):
        faults = f'error="ConnectionError",operation="{operation}"'
        assert counted[f"listwright_store_faults_total{{{faults}}}"] == 1
        assert counted[f'listwright_store_seconds_count{{operation="{operation}"}}'] == 1


async def test_every_script_has_a_name_of_its_own(servers: dict[str, RealRedis]) -> None:
    ledger = Ledger()
    server = RedisServer(RedisOptions(servers["redis"].url), ledger)
    assert await RedisLimits(server, Keys("told")).refused(parse("1/minute"), "ann") == 0
    await server.close()
    assert ledger.calls == {"limit": 1}
