"""A Redis that would evict histories takes no events, whenever it comes to be one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_redis import RealRedis, free_port, real_redis

from service.domain import Event, User
from service.errors import StoreUnavailable
from service.ports import Recorded
from service.settings import Settings, load_settings
from service.store import lately, redis_watch
from service.store.redis_watch import REMEDY
from service.wiring_store import Stores, opened_stores

ANN = User("ann")
SAFE = ["noeviction", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"]
UNSAFE = ["allkeys-lru", "allkeys-lfu", "allkeys-random"]


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_watch, "EVERY_S", 0.02)
    monkeypatch.setattr(lately, "SECONDS", 0.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    with real_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


def settings(url: str) -> Settings:
    return load_settings({"store": {"kind": "redis", "url": url}})


def event(number: int) -> Event:
    return Event(f"e{number}", ANN, f"i{number}", number)


def policy(server: RealRedis, name: str) -> None:
    with server.plain() as client:
        client.config_set("maxmemory-policy", name)


async def until(stores: Stores, words: str | None) -> None:
    """Return once it was seen by whoever looks by itself."""
    async with asyncio.timeout(20):
        while not _says(stores.trouble(), words):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def _says(trouble: str | None, words: str | None) -> bool:
    return trouble is None if words is None else words in (trouble or "")


async def refused(stores: Stores, number: int, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words) as error:
        await stores.histories.record([event(number)])
    assert error.value.hint == REMEDY


async def test_one_that_was_away_at_the_start_is_looked_at_when_it_is_there(
    tmp_path: Path,
) -> None:
    server = RealRedis(tmp_path, free_port(), ("--maxmemory-policy", "allkeys-lru"))
    try:
        async with opened_stores(settings(server.url)) as stores:
            assert "did not answer" in str(stores.trouble())
            server.start()
            await until(stores, "allkeys-lru")
            await refused(stores, 1, "maxmemory-policy is allkeys-lru")
            assert await stores.histories.history(ANN) == ()
            policy(server, "volatile-lru")
            await until(stores, None)
            assert await stores.histories.record([event(1)]) == Recorded(new=1)
    finally:
        server.stop()


@pytest.mark.parametrize("name", UNSAFE)
async def test_one_that_is_told_to_evict_later_takes_no_more(server: RealRedis, name: str) -> None:
    policy(server, "noeviction")
    async with opened_stores(settings(server.url)) as stores:
        await stores.histories.record([event(1)])
        policy(server, name)
        await until(stores, name)
        await refused(stores, 2, name)
        assert name in str(await stores.histories.trouble())
        # What is there is read, and what is only kept for a while is taken.
        assert await stores.histories.history(ANN) == ("i1",)
        await stores.cache.put("a", "b")
        policy(server, "noeviction")
        await until(stores, None)
        await stores.histories.record([event(1)])


async def test_what_was_known_last_holds_while_it_is_away(tmp_path: Path) -> None:
    with real_redis(tmp_path) as server:
        async with opened_stores(settings(server.url)) as stores:
            policy(server, "allkeys-lru")
            await until(stores, "allkeys-lru")
            server.stop()
            with pytest.raises(StoreUnavailable, match="did not answer"):
                await stores.histories.history(ANN)
            await stores.histories.trouble()
            await refused(stores, 1, "allkeys-lru")
            # Started anew it has forgotten what it was told.
            server.start()
            await until(stores, None)
            await stores.histories.record([event(1)])


@pytest.mark.parametrize("name", SAFE)
async def test_all_others_are_safe_since_a_history_has_no_time_to_live(
    server: RealRedis, name: str
) -> None:
    policy(server, name)
    with server.plain() as client:
        client.flushall()
    async with opened_stores(settings(server.url)) as stores:
        await stores.histories.record([event(1)])
        await stores.pointer.point("v1", "v0")
        assert await stores.histories.trouble() is None
    with server.plain() as client:
        kept = client.keys("*")
        assert len(kept) == 3
        assert {client.ttl(key) for key in kept} == {-1}


@pytest.mark.parametrize(
    ("change", "words"),
    [("CONFIG SET maxmemory 1mb", "is full"), ("REPLICAOF 127.0.0.1 1", "is a replica")],
)
async def test_one_that_takes_nothing_says_so(tmp_path: Path, change: str, words: str) -> None:
    with real_redis(tmp_path) as server:
        async with opened_stores(settings(server.url)) as stores:
            await stores.histories.record([event(1)])
            with server.plain() as client:
                client.execute_command(*change.split())
                await until(stores, words)
                assert words in str(await stores.histories.trouble())
                with pytest.raises(StoreUnavailable):
                    await stores.histories.record([event(2)])
                assert await stores.histories.history(ANN) == ("i1",)
                client.execute_command("CONFIG SET maxmemory 0")
                client.execute_command("REPLICAOF NO ONE")
            await until(stores, None)
            assert await stores.histories.record([event(2)]) == Recorded(new=1)


async def test_in_the_process_there_is_nothing_to_be_seen() -> None:
    async with opened_stores(load_settings({})) as stores:
        assert stores.trouble() is None
