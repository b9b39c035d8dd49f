"""What a real application shows of itself: all that happens, and nothing that anybody sent."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

import httpx
import pytest
from counted import series
from shopfront import STORE_DOWN, Shop, Store, goods, visit
from toyshop import SpellingEngine, ToyCatalogue

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.service import Bounds
from service.pipeline.parts import Recommender
from service.pipeline.together import Together
from service.store.cache import MemoryCache
from service.store.limits import MemoryLimits
from service.telemetry.logs import log_to

KEY: Final = "lw-a-key-that-nobody-may-see"
WATCH: Final = "lw-a-key-that-watches"
LIST: Final = {"user_id": "u1", "k": 3, "strategy": "generate"}


@dataclass
class ModelShop(Shop):
    """The same shop with a model in it, and a cache."""

    kept: MemoryCache = field(default_factory=MemoryCache)
    engine: SpellingEngine = field(default_factory=SpellingEngine)
    together: Together = field(default_factory=Together)
    shelf: ToyCatalogue = field(default_factory=lambda: ToyCatalogue(goods()))

    @property
    def recommender(self) -> Recommender:
        bare = super().recommender
        served = {"catalogue": self.shelf, "engine": self.engine, "together": self.together}
        return replace(bare, cache=self.kept, **served)


def guarded(rate: str | None = None) -> ModelShop:
    till = Holder("till", tenant="a-tenant", rate=rate)
    keyring = Keyring({digest_of(KEY): till, digest_of(WATCH): Holder("eye", watch=True)})
    return ModelShop(access=Access(MemoryLimits(), keyring))


def with_key(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers["authorization"] = f"Bearer {KEY}"
    return client


async def metrics(client: httpx.AsyncClient) -> str:
    return (await client.get("/metrics", headers={"authorization": f"Bearer {WATCH}"})).text


async def shown(client: httpx.AsyncClient) -> dict[str, float]:
    return series(await metrics(client))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visit(ModelShop()) as client:
        yield client


def lists(counted: dict[str, float], origin: str) -> float:
    return sum(
        value
        for name, value in counted.items()
        if name.startswith("listwright_lists_total") and f'origin="{origin}"' in name
    )


async def test_streamed_kept_and_shared_lists_are_all_counted(client: httpx.AsyncClient) -> None:
    assert (await client.post("/recommend", json={**LIST, "stream": True})).status_code == 200
    assert (await client.post("/recommend", json=LIST)).json()["origin"] == "kept"
    asked = [client.post("/recommend", json={**LIST, "k": 4}) for _ in range(3)]
    assert {(await answer).status_code for answer in asyncio.as_completed(asked)} == {200}
    counted = await shown(client)
    assert (lists(counted, "made"), lists(counted, "kept")) == (2, 1)
    assert lists(counted, "shared") == 2
    assert counted['listwright_cache_total{cache="lists",outcome="hit"}'] == 1
    assert counted['listwright_deadline_ratio_count{made="list"}'] == 5
    how = 'model="random",path="llm",strategy="generate",variant="default"'
    assert counted[f"listwright_list_seconds_count{{{how}}}"] == 5
    assert counted['listwright_engine_tokens_total{model="random"}'] > 0


async def test_what_is_under_way_is_counted_by_its_route() -> None:
    shop = ModelShop()
    going, three, came = asyncio.Event(), asyncio.Event(), count(1)

    async def slow(*_asked: object) -> tuple[str, ...]:
        if next(came) == 3:
            three.set()
        await going.wait()
        return ()

    shop.store.history = slow  # type: ignore[method-assign]
    async with visit(shop) as client:
        asked = [asyncio.create_task(client.post("/recommend", json=LIST)) for _ in range(3)]
        await three.wait()
        running = series(shop.metrics.exposition().decode())
        going.set()
        await asyncio.gather(*asked)
        counted = await shown(client)
    assert running['listwright_requests_running{route="/recommend"}'] == 3
    assert counted['listwright_requests_running{route="/recommend"}'] == 0
    assert counted['listwright_requests_running{route="/metrics"}'] == 1


async def test_a_refused_request_counts_for_its_route_and_as_shed() -> None:
    shop = guarded(rate="2/minute")
    async with visit(shop) as client:
        assert (await client.post("/recommend", json=LIST)).status_code == 401
        with_key(client)
        codes = [(await client.post("/recommend", json=LIST)).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
    counted = series(shop.metrics.exposition().decode())
    assert counted['listwright_requests_total{route="/recommend",status="401"}'] == 1
    assert counted['listwright_requests_total{route="/recommend",status="429"}'] == 1
    assert counted['listwright_shed_total{reason="rate_limit"}'] == 1


async def test_too_many_at_once_are_shed() -> None:
    async with visit(ModelShop(), Bounds(max_concurrent=0)) as client:
        assert (await client.post("/recommend", json=LIST)).status_code == 503
        assert (await client.post("/recommend", json={**LIST, "stream": True})).status_code == 503
        counted = await shown(client)
    assert counted['listwright_shed_total{reason="gateway_busy"}'] == 2


async def test_what_failed_without_too_much_to_do_is_not_shed() -> None:
    async with visit(Shop(store=Store(STORE_DOWN))) as client:
        assert (await client.post("/recommend", json={"user_id": "u1"})).status_code == 503
        counted = await shown(client)
    assert sum(value for name, value in counted.items() if "listwright_shed_total" in name) == 0


WORDS: Final = "a quiet wish"


async def misbehave(client: httpx.AsyncClient, mark: str) -> None:
    """All the places of a request that its sender fills, each with something of their own."""
    bodies: list[dict[str, Any]] = [
        {"user_id": mark, "k": 2},
        {"user_id": mark, "k": 2, "strategy": "generate", "stream": True},
        {"user_id": mark, "k": 2, "variant": mark},
        {"user_id": mark, "k": 2, "strategy": mark},
        {"user_id": mark, "k": 2, "intent": {"include": [mark]}},
        {"user_id": mark, "k": 2, "intent": {"text": f"{WORDS} {mark}", "query": mark}},
        {"user_id": mark, "k": 2, "strategy": "generate", "intent": {"text": mark}},
        {"history": [mark], "k": 2, "strict_history": True},
        {mark: mark},
    ]
    for body in bodies:
        await client.post("/recommend", json=body, headers={"x-request-id": f"id-{mark}"})
    question = f"{WORDS} {mark}?\n1. {mark} hat\n2. {mark} coat\n3. scarf"
    for more in ({}, {"task": mark}, {"variant": mark}):
        await client.post("/answer", json={"question": question, **more})
    event = {"id": f"e-{mark}", "user_id": mark, "item_id": mark}
    await client.post("/events", json={"events": [event]})
    await client.post("/feedback", json={"request_id": mark, "shown": [mark]})
    await client.post("/feedback", json={"request_id": f"id-{mark}", "clicked": [mark]})
    for path in (f"/{mark}", f"/items/{mark}", f"/users/{mark}/history", f"/catalogue/{mark}"):
        for method in ("GET", "DELETE", "PUT"):
            await client.request(method, path, params={"q": mark, mark: mark})
    await client.post("/catalogue/reload", json={"version": mark})
    await client.get("/items", params={"q": mark})
    headers = {"authorization": f"Bearer {mark}", "x-tenant": mark, "user-agent": mark}
    await client.get("/catalogue", headers=headers)
    await client.post("/recommend", content=mark.encode(), headers={"content-type": mark})


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    log_to(stream, "info")
    yield stream
    root.handlers, root.level = handlers, level


async def test_nobody_adds_a_series_or_reads_there_what_was_sent(log: io.StringIO) -> None:
    async with visit(guarded()) as client:
        with_key(client)
        await misbehave(client, "mark0")
        # Read twice: the first reading is a request as well.
        await shown(client)
        before = set(await shown(client))
        for number in range(1, 8):
            await misbehave(client, f"mark{number}")
        after = await shown(client)
        text = await metrics(client)
    assert set(after) == before
    assert after['listwright_requests_total{route="/recommend",status="200"}'] > 16
    titles = [item.title for item in goods()]
    for secret in ("mark", KEY, WORDS, "a-tenant", "u1", *titles):
        assert secret not in text
    # Its sender's own id is what a request's line is found by.
    lines = [line for line in log.getvalue().splitlines() if '"logger": "httpx"' not in line]
    told = "\n".join(lines).replace("id-mark", "")
    assert '"event": "request"' in told
    for secret in ("mark", KEY, WORDS, *titles):
        assert secret not in told
