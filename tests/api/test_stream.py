"""Lists as server-sent events, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import httpx
import pytest
from shopfront import Shop
from starlette.types import Message
from toyshop import LyingEngine, SpellingEngine, ToyCatalogue, recommender

import service.api.stream
from service.api.app import create_app
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.errors import EngineFailed
from service.pipeline.parts import Recommender
from service.ports import Decoding, Job

FAILED = 'listwright_requests_total{route="/recommend",status="500"} 1.0'


class PacedEngine(SpellingEngine):
    """Goes on to the next line only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Semaphore(0)
        self.cancelled = asyncio.Event()

    async def spell(self, job: Job) -> Decoding:
        made = await super().spell(replace(job, tell=lambda _line: None))
        try:
            for line in made.lines:
                await self.may.acquire()
                job.tell(line)
            await self.may.acquire()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return made


class EngineShop(Shop):
    """The shop with an engine, and so with a catalogue that has a lexicon."""

    def __init__(self, engine: SpellingEngine | None) -> None:
        super().__init__()
        self._parts = recommender(engine=engine)

    @property
    def recommender(self) -> Recommender:
        return self._parts


@asynccontextmanager
async def served(
    shop: EngineShop, bounds: Bounds | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    listening = bound("127.0.0.1", 0)
    server = Server(create_app(shop, bounds or Bounds()), shutdown_seconds=2)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        async with aiohttp.ClientSession(url_of(listening)) as session:
            yield session
    finally:
        server.should_exit = True
        await running


def post(session: aiohttp.ClientSession, **body: Any) -> Any:
    return session.post("/recommend", json={"stream": True, "k": 4, **body})


async def events(response: aiohttp.ClientResponse) -> AsyncGenerator[tuple[str, Any]]:
    while frame := (await response.content.readuntil(b"\n\n")):
        kind, data = frame.decode().strip().split("\n")
        yield kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def all_events(response: aiohttp.ClientResponse) -> list[tuple[str, Any]]:
    frames = (await response.read()).decode().split("\n\n")
    assert frames.pop() == ""
    split = [frame.split("\n") for frame in frames]
    return [
        (kind.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for kind, data in split
    ]


async def test_each_item_is_sent_while_the_next_is_still_being_spelled() -> None:
    engine = PacedEngine()
    async with served(EngineShop(engine)) as session:
        asking = asyncio.ensure_future(post(session).__aenter__())
        await asyncio.sleep(0.05)
        assert not asking.done()
        engine.may.release()
        response = await asking
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-request-id"]
        stream = events(response)
        items = [(await anext(stream))[1]]
        for _ in range(3):
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            engine.may.release()
            kind, item = await waiting
            assert kind == "item"
            items.append(item)
        engine.may.release()
        kind, answer = await anext(stream)
        assert (kind, answer["items"]) == ("answer", items)
        assert answer["receipt"]["path"] == "llm"
        assert response.content.at_eof() or not await response.content.read()


@pytest.mark.parametrize(
    "engine",
    [
        lambda: SpellingEngine(most=2),
        lambda: LyingEngine(lambda _: [7, 7, -3], error=EngineFailed("the connection broke")),
        lambda: None,
    ],
)
async def test_a_stream_is_the_same_list_as_the_answer(
    engine: Callable[[], SpellingEngine | None],
) -> None:
    asked = {"explain": True, "intent": {"exclude": ["Sock"]}}
    async with served(EngineShop(engine())) as session, post(session, **asked) as response:
        told = await all_events(response)
    *items, (last, answer) = told
    assert last == "answer"
    assert [kind for kind, _ in items] == ["item"] * 4
    assert [item for _, item in items] == answer["items"]
    assert all(item["reason"] for _, item in items)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"intent": {"include": ["Red"], "exclude": ["Red"]}}, 422, "conflicting_controls"),
        ({"intent": {"include": ["Nope"]}}, 422, "unknown_category"),
        ({"k": 0}, 422, "bad_input"),
        ({"stream": "yes"}, 422, "bad_input"),
    ],
)
async def test_what_can_be_refused_is_refused_before_the_stream(
    body: dict[str, Any], status: int, code: str
) -> None:
    async with served(EngineShop(None)) as session, post(session, **body) as response:
        assert response.status == status
        assert response.content_type == "application/json"
        assert (await response.json())["error"]["code"] == code


async def test_a_client_that_goes_away_cancels_the_decode() -> None:
    engine = PacedEngine()
    shop = EngineShop(engine)
    async with served(shop, Bounds(max_concurrent=1)) as session:
        engine.may.release()
        response = await post(session).__aenter__()
        assert (await anext(events(response)))[0] == "item"
        assert not engine.cancelled.is_set()
        response.close()
        await asyncio.wait_for(engine.cancelled.wait(), 5)
        # Its place is free again.
        async with session.post("/recommend", json={"strategy": "retrieve"}) as answer:
            assert answer.status == 200


async def test_streams_hold_places_like_all_lists() -> None:
    engine = PacedEngine()
    shop = EngineShop(engine)
    engine.may.release()
    async with served(shop, Bounds(max_concurrent=1)) as session, post(session), post(session) as r:
        assert r.status == 503
        assert r.headers["retry-after"]
        assert (await r.json())["error"]["code"] == "overloaded"


async def test_a_list_that_breaks_its_promise_ends_in_an_error_event() -> None:
    shop = EngineShop(None)
    catalogue = shop.recommender.catalogue
    assert isinstance(catalogue, ToyCatalogue)
    rows = catalogue.rows
    catalogue.rows = lambda ids: rows(ids)[::-1]  # type: ignore[method-assign]
    async with served(shop) as session, post(session) as response:
        told = await all_events(response)
        assert told[-1][0] == "error"
        assert told[-1][1]["error"]["code"] == "promise_broken"
        assert told[-1][1]["error"]["request_id"] == response.headers["x-request-id"]


async def test_an_unexpected_fault_in_mid_stream_is_told_without_its_inside() -> None:
    engine = LyingEngine(lambda _: [2, 3], error=ZeroDivisionError("secret"))
    async with served(EngineShop(engine)) as session, post(session) as response:
        told = await all_events(response)
        async with asyncio.timeout(5):
            while FAILED not in await (await session.get("/metrics")).text():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert [kind for kind, _ in told] == ["item", "item", "error"]
    assert told[-1][1]["error"]["code"] == "internal"
    assert "secret" not in json.dumps(told)


async def test_a_client_that_reads_no_more_loses_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.api.stream, "STALLED_S", 0.05)
    shop = EngineShop(SpellingEngine())
    app = create_app(shop, Bounds(max_concurrent=1))
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if len(sent) > 2:
            await asyncio.Event().wait()  # the socket's buffer is full, and stays so

    async with asyncio.timeout(5):
        await app(scope_of("/recommend"), body_of({"k": 5, "stream": True}), send)
    assert sent[:2] == ["http.response.start", "http.response.body"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as other:
        assert (await other.post("/recommend", json={"k": 2})).status_code == 200


def scope_of(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"shop"), (b"content-type", b"application/json")],
    }


def body_of(body: dict[str, Any]) -> Callable[[], Awaitable[Message]]:
    """What such a client sends: its body, and then nothing, not even goodbye."""
    sent = iter([{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}])

    async def receive() -> Message:
        for message in sent:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive
