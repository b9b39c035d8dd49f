"""The whole service over a real Redis that hangs, or is full: what needs it fails, and is told."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bookcase import bare, tools
from patience import until
from quiz import answerer
from real_redis import RealRedis, real_redis
from shopfront import error_of

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.service import Bounds
from service.catalog.build import build
from service.settings import load_settings
from service.store.keys import Keys
from service.wiring import opened

PATIENCE_S = 60.0
ANN = {"user_id": "ann"}
HOLDERS = {
    # A rate that nobody reaches: but it is asked for.
    digest_of("shop"): Holder("shop", rate="100000/minute", admin=True),
    digest_of("slow"): Holder("slow", rate="3/minute"),
}
BATCH = 200


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = [f"Book {number}" for number in range(12)]
    return build(bare(*titles), tmp_path_factory.mktemp("books"), tools(similar=False))


@asynccontextmanager
async def gateway(
    catalogue: Path, server: RealRedis, timeout_ms: int
) -> AsyncIterator[httpx.AsyncClient]:
    store = {"kind": "redis", "url": server.url, "timeout_ms": timeout_ms, "history": 10_000}
    settings = load_settings(
        {
            "catalogue": {"path": catalogue},
            "engine": {"kind": "none"},
            "retrieval": {"similarity": False},
            "recommend": {"max_k": 5, "default_k": 5},
            "store": store,
        }
    )
    async with opened(settings) as parts:
        # Answers come of a model that spells the first thing it may: what is bad here is Redis.
        access = Access(parts.access.limits, Keyring(HOLDERS))
        guarded = replace(parts, access=access, answerer=answerer())
        transport = httpx.ASGITransport(create_app(guarded, Bounds(max_k=5, default_k=5)))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers={"x-api-key": "shop"}
        ) as client:
            yield client


def events(number: int, size: int = 1, each: int = 200) -> dict[str, object]:
    met = [
        {"id": f"e{number}-{n}", "user_id": f"u{number}", "item_id": f"{n:0{each}}"}
        for n in range(size)
    ]
    return {"events": met}


def refused(response: httpx.Response) -> None:
    assert (response.status_code, error_of(response)["code"]) == (503, "store_unavailable")
    assert int(response.headers["retry-after"]) > 0


async def test_a_redis_that_hangs_is_waited_for_no_longer_than_the_request_has(
    catalogue: Path, tmp_path: Path
) -> None:
    """It may take as long as it likes to answer; the requests may not."""
    with real_redis(tmp_path) as server:
        async with gateway(catalogue, server, timeout_ms=30_000) as client:
            assert (await client.post("/recommend", json=ANN)).status_code == 200
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            try:
                async with asyncio.timeout(25):
                    short = {"deadline_ms": 200}
                    refused(await client.post("/recommend", json=ANN | short))
                    for other in (short, short | {"history": ["t1"]}):
                        made = await client.post("/recommend", json=other)
                        assert made.status_code == 200, made.text
                    faults = 'listwright_store_faults_total{error="StoreUnavailable",operation='
                    counted = (await client.get("/metrics")).text
                    for operation in ("history", "expose"):
                        assert f'{faults}"{operation}"}}' in counted
            finally:
                server.process.send_signal(signal.SIGCONT)
            assert (await client.post("/recommend", json=ANN)).status_code == 200


async def test_a_redis_that_hangs_lets_in_whom_it_does_not_count_and_is_heard_later(
    catalogue: Path, tmp_path: Path
) -> None:
    """It may take as long as it likes to count; no request waits for it, and none is forgotten."""
    slow = {"x-api-key": "slow"}
    options = ["a book", "a mug"]
    question = {"question": "Which?", "type": "multiple_choice", "options": options}
    short = {"deadline_ms": 100}
    with real_redis(tmp_path) as server:
        async with gateway(catalogue, server, timeout_ms=30_000) as client:
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            try:
                async with asyncio.timeout(25):
                    listed = {"history": ["t1"]} | short
                    sent = [client.post("/recommend", json=listed) for _ in range(20)]
                    answers = [client.post("/answer", json=question | short) for _ in range(5)]
                    others = [client.get("/items", headers=slow) for _ in range(6)]
                    made = await asyncio.gather(*sent, *answers, *others)
            finally:
                server.process.send_signal(signal.SIGCONT)
            assert [each.status_code for each in made] == [200] * 31
            # Six were let in, where three may: all were counted, so the next is one too many.
            with server.plain() as plain:
                counted = Keys("listwright").asked("default/slow")
                await until(lambda: plain.llen(counted) == 3, PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                while (await client.get("/items", headers=slow)).status_code != 429:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.02)


async def test_of_a_redis_that_hangs_everything_else_is_told_soon(
    catalogue: Path, tmp_path: Path
) -> None:
    """A hundred at once as well: who waits for a connection does not wait for those before."""
    with real_redis(tmp_path) as server:
        async with gateway(catalogue, server, timeout_ms=150) as client:
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    sent = [client.post("/events", json=events(n)) for n in range(100)]
                    for response in await asyncio.gather(*sent):
                        refused(response)
                    refused(await client.get("/users/ann/history"))
                    refused(await client.delete("/users/ann/history"))
                    said = {"request_id": "r1", "clicked": ["t1"]}
                    refused(await client.post("/feedback", json=said))
                    ready = (await client.get("/readyz")).json()
                    assert any(why.startswith("store: ") for why in ready["degraded"])
            finally:
                server.process.send_signal(signal.SIGCONT)
            # The call that finds out that it is there again may have been made just before.
            async with asyncio.timeout(PATIENCE_S):
                while (await client.post("/events", json=events(0))).status_code != 200:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.02)


async def test_a_full_redis_acknowledges_no_event_and_lists_are_made_all_the_same(
    catalogue: Path, tmp_path: Path
) -> None:
    acknowledged: dict[int, int] = {}
    with real_redis(tmp_path, "--maxmemory", "4mb", "--maxmemory-policy", "noeviction") as server:
        async with gateway(catalogue, server, timeout_ms=5_000) as client:
            for number in range(1_000):
                response = await client.post("/events", json=events(number, BATCH))
                if response.status_code != 200:
                    refused(response)
                    break
                acknowledged[number] = response.json()["new"]
            else:
                pytest.fail("it took everything")
            assert len(acknowledged) > 2
            for number, count in acknowledged.items():
                told = (await client.get(f"/users/u{number}/history")).json()
                assert len(told["items"]) == count == BATCH
            with server.plain() as plain:
                # Now and then a few bytes are free again; from here on none are.
                plain.config_set("maxmemory", "1mb")
            refused(await client.post("/events", json=events(5_000)))
            assert (await client.get("/users/u5000/history")).json()["items"] == []
            made = await client.post("/recommend", json={"user_id": "u0"})
            assert (made.status_code, len(made.json()["items"])) == (200, 5)
            counted = (await client.get("/metrics")).text
            assert 'listwright_left_out_total{error="StoreUnavailable",part="exposure"} 1.0' in (
                counted
            )


async def test_in_a_full_redis_caches_make_room_and_histories_never(
    catalogue: Path, tmp_path: Path
) -> None:
    """Once there are no caches any more, events are refused: none takes the place of another."""
    users = 12
    with real_redis(tmp_path, "--maxmemory", "6mb", "--maxmemory-policy", "volatile-lru") as server:
        async with gateway(catalogue, server, timeout_ms=5_000) as client:
            made = (await client.post("/recommend", json={})).json()
            with server.plain() as plain:
                for number in range(2_000):
                    plain.set(f"listwright:c:{number}", "x" * 4_000, ex=600)
                assert plain.info("stats")["evicted_keys"] > 500
                before = sum(1 for _ in plain.scan_iter("listwright:c:*"))
                for number in range(users):
                    response = await client.post("/events", json=events(number, BATCH))
                    assert response.json()["new"] == BATCH
                assert sum(1 for _ in plain.scan_iter("listwright:c:*")) < before
            for number in range(users, 1_000):
                response = await client.post("/events", json=events(number, BATCH))
                if response.status_code != 200:
                    refused(response)
                    break
            else:
                pytest.fail("it took everything")
            for kept in range(number):
                told = (await client.get(f"/users/u{kept}/history")).json()
                assert len(told["items"]) == BATCH
            forgotten = await client.post(
                "/feedback",
                json={"request_id": made["request_id"], "clicked": [made["items"][0]["id"]]},
            )
            assert forgotten.status_code == 404, "what was remembered for a time made room too"
