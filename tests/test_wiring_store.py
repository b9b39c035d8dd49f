"""Histories behind an opened service: in the process by default, in a real Redis where one is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from real_redis import RealRedis, free_port, real_redis

from service.domain import Event, User
from service.errors import BadSettings, StoreUnavailable
from service.ports import HistoryStore, Recorded
from service.settings import Settings, load_settings
from service.store import lately
from service.wiring_store import opened_stores

T = TypeVar("T")

ANN = User("ann")
EVENTS = [Event(f"e{number}", ANN, f"i{number}", number) for number in range(3)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    with real_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


def in_redis(url: str, **more: object) -> Settings:
    return load_settings({"store": {"kind": "redis", "url": url, **more}})


def over(settings: Settings, work: Callable[[HistoryStore], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with opened_stores(settings) as stores:
            return await work(stores.histories)

    return asyncio.run(opened())


def test_in_the_process_they_last_as_long_as_it() -> None:
    settings = load_settings({})
    assert over(settings, lambda store: store.record(EVENTS)) == Recorded(new=3)
    assert over(settings, lambda store: store.history(ANN)) == ()


def test_in_redis_they_outlast_the_service(server: RealRedis) -> None:
    settings = in_redis(server.url, prefix="outlast")
    assert over(settings, lambda store: store.record(EVENTS)) == Recorded(new=3)
    assert over(settings, lambda store: store.history(ANN)) == ("i0", "i1", "i2")
    other = in_redis(server.url, prefix="other")
    assert over(other, lambda store: store.history(ANN)) == ()


def test_as_many_are_kept_as_is_set(server: RealRedis) -> None:
    settings = in_redis(server.url, prefix="short", history=2)
    assert over(settings, lambda store: store.record(EVENTS)) == Recorded(new=2, late=1)


def test_a_redis_that_is_away_fails_closed_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lately, "SECONDS", 0.0)
    port = free_port()
    server = RealRedis(tmp_path, port, ("--appendonly", "yes"))

    async def story(store: HistoryStore) -> None:
        for asked in (store.history(ANN), store.record(EVENTS), store.forget(ANN)):
            with pytest.raises(StoreUnavailable, match="did not answer"):
                await asked
        assert "did not answer" in str(await store.trouble())
        server.start()
        assert await store.record(EVENTS) == Recorded(new=3)
        assert await store.trouble() is None
        server.stop()
        with pytest.raises(StoreUnavailable):
            await store.history(ANN)
        server.start()
        assert await store.history(ANN) == ("i0", "i1", "i2")

    try:
        with caplog.at_level(logging.WARNING):
            over(in_redis(server.url), story)
    finally:
        server.stop()
    assert "the store is not well" in caplog.text


def test_a_redis_that_hangs_is_waited_for_no_longer_than_set(server: RealRedis) -> None:
    async def story(store: HistoryStore) -> None:
        assert await store.history(ANN) == ()
        with server.plain() as client:
            client.execute_command("CLIENT", "PAUSE", 2_000)
        with pytest.raises(StoreUnavailable):
            await store.history(ANN)

    over(in_redis(server.url, prefix="hang", timeout_ms=50), story)


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
def test_a_redis_that_would_evict_histories_stops_the_start(tmp_path: Path, policy: str) -> None:
    options = ("--maxmemory", "20mb", "--maxmemory-policy", policy)
    with (
        real_redis(tmp_path, *options) as server,
        pytest.raises(BadSettings, match=f"maxmemory-policy is {policy}"),
    ):
        over(in_redis(server.url), lambda store: store.history(ANN))


def test_a_full_redis_evicts_what_is_cached_and_no_history(tmp_path: Path) -> None:
    options = ("--maxmemory", "8mb", "--maxmemory-policy", "volatile-lru")
    many = [Event(f"e{n}", User(f"u{n}"), f"item {n}", n) for n in range(300)]

    async def story(store: HistoryStore) -> None:
        await store.record(many)
        with server.plain() as client:
            for number in range(3_000):
                client.set(f"cached:{number}", "x" * 4_000, ex=600)
            assert client.info("stats")["evicted_keys"] > 1_000
        for each in many:
            assert await store.history(each.user) == (each.item_id,)

    with real_redis(tmp_path, *options) as server:
        over(in_redis(server.url), story)


async def until_full(store: HistoryStore) -> int:
    for sent in range(20_000):
        try:
            await store.record([Event(f"e{sent}", ANN, "x" * 500, sent)])
        except StoreUnavailable:
            return sent
    raise AssertionError("it took everything")


def test_a_redis_too_full_for_events_acknowledges_none(tmp_path: Path) -> None:
    options = ("--maxmemory", "3mb", "--maxmemory-policy", "noeviction")

    async def story(store: HistoryStore) -> None:
        sent = await until_full(store)
        # What was acknowledged is there, and nothing but what may have been in doubt.
        assert len(await store.history(ANN)) == sent

    with real_redis(tmp_path, *options) as server:
        over(in_redis(server.url, history=10_000), story)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "redis"}, "no address is given"),
        ({"url": "redis://127.0.0.1"}, "kept in the process"),
        ({"kind": "redis", "cluster": True, "url": "redis://:secret@there/3"}, "single database"),
        ({"kind": "redis", "url": "http://secret@there"}, "STORE__URL"),
        ({"kind": "redis", "url": "redis://:secret@there:no-port/0"}, "STORE__URL"),
        ({"kind": "redis", "url": "redis://:secret@there/0?what=secret"}, "STORE__URL"),
    ],
)
def test_settings_that_cannot_be_are_told_without_secrets(
    given: dict[str, object], words: str
) -> None:
    with pytest.raises(BadSettings, match=words) as refused:
        over(load_settings({"store": given}), lambda store: store.history(ANN))
    assert "secret" not in f"{refused.value} {refused.value.hint}"
