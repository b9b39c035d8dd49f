"""A service is whole again once nothing is missing; one that never is, is found out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from loadtest.faults.ledger import Balance
from loadtest.faults.recovery import TRIED, NotRecovered, Probe, WrongAnswer
from loadtest.running import free_port
from loadtest.traffic.asks import Kind
from loadtest.traffic.goods import Goods

WHOLE: dict[str, Any] = {
    "event": 200,
    "path": "llm",
    "degraded": False,
    "origin": "made",
    "used": True,
    "amiss": [],
    "short": 0,
}


class Service:
    """Answers as it is told to, and in right form; `healed` after so many events."""

    def __init__(self, goods: Goods, healed: int | None, ill: dict[str, Any]) -> None:
        self.goods, self.left, self.said = goods, healed, WHOLE | ill
        self.asked: list[dict[str, Any]] = []

    async def events(self, _: web.Request) -> web.Response:
        if self.left is not None:
            self.left -= 1
            self.said = WHOLE if self.left <= 0 else self.said
        body = {"new": 1, "known": 0, "late": 0}
        return web.json_response(body, status=self.said["event"])

    async def recommend(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        self.asked.append(body)
        k = body["k"]
        version = self.goods.versions[0]
        items = [self.goods.first.item(599 - row) for row in range(k - self.said["short"])]
        lines = [{"id": i.id, "title": i.title, "categories": i.categories} for i in items]
        receipt = {
            "k": k,
            "exists": k,
            "repeats": 0,
            "in_history": 0,
            "relaxed": [],
            "catalogue": version,
            "path": self.said["path"],
            "controls": [],
            "degraded": self.said["degraded"],
        }
        told = {"items": lines, "receipt": receipt, "origin": self.said["origin"]}
        return web.json_response(told)

    async def answer(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        labels = [str(n + 1) for n in range(len(asked["options"]))]
        given = {"choice": "1", "ranking": labels, "selection": labels[: asked.get("k", 0)]}
        thought = {"kind": "thought", "used": self.said["used"]}
        return web.json_response({"answer": given, "supplements": [thought]})

    async def readyz(self, _: web.Request) -> web.Response:
        return web.json_response({"ready": True, "degraded": self.said["amiss"]})

    @asynccontextmanager
    async def probed(self, given: float) -> AsyncIterator[Probe]:
        app = web.Application()
        app.router.add_post("/events", self.events)
        app.router.add_post("/recommend", self.recommend)
        app.router.add_post("/answer", self.answer)
        app.router.add_get("/readyz", self.readyz)
        async with TestServer(app) as server:
            yield Probe(self.goods, str(server.make_url("/")), "key", 1_000, given)


ILL = [
    ({"event": 503}, "/events: 503"),
    ({"path": "ranked"}, "/recommend: it does without something"),
    ({"degraded": True}, "/recommend: it does without something"),
    ({"origin": "kept"}, "/recommend: it does without something"),
    ({"used": False}, "/answer: it does without something"),
    ({"amiss": ["the engine is away"]}, "/readyz: the engine is away"),
]


@pytest.mark.parametrize(("ill", "said"), ILL)
async def test_each_that_is_missing_is_told(ill: dict[str, Any], said: str, goods: Goods) -> None:
    async with Service(goods, None, ill).probed(0.0) as probe:
        with pytest.raises(NotRecovered, match=said):
            await probe.recovered(time.monotonic())


@pytest.mark.parametrize("ill", [ill for ill, _ in ILL])
async def test_it_is_asked_until_nothing_is_missing(ill: dict[str, Any], goods: Goods) -> None:
    async with Service(goods, 3, ill).probed(20.0) as probe:
        assert await probe.recovered(time.monotonic() - 5.0) > 5.0


@pytest.mark.parametrize(
    ("ill", "missing"),
    [
        ({"event": 503}, [Kind.EVENTS]),
        ({"path": "ranked"}, [Kind.LIST]),
        ({"used": False}, [Kind.QUESTION]),
        ({"used": False, "degraded": True}, [Kind.LIST, Kind.QUESTION]),
        ({}, []),
    ],
)
async def test_a_witness_is_told_what_is_missing_of_that_alone(
    ill: dict[str, Any], missing: list[Kind], goods: Goods
) -> None:
    async with Service(goods, None, ill).probed(0.0) as probe:
        said = await probe.misses(TRIED)
        assert [each.split(":")[0] for each in said] == [kind.value for kind in missing]
        for kind in TRIED:
            assert bool(await probe.misses([kind])) == (kind in missing)


async def test_no_list_is_asked_for_twice(goods: Goods) -> None:
    service = Service(goods, None, {})
    async with service.probed(0.0) as probe:
        for _ in range(3):
            assert await probe.misses([Kind.LIST]) == []
    assert len({orjson.dumps(body, option=orjson.OPT_SORT_KEYS) for body in service.asked}) == 3


async def test_an_event_that_is_there_though_it_was_refused_is_no_false_alarm(
    goods: Goods,
) -> None:
    remembered: list[dict[str, Any]] = []

    async def record(request: web.Request) -> web.Response:
        told = orjson.loads(await request.read())["events"]
        new = [event for event in told if event not in remembered]
        remembered.extend(new)
        # The second is noted, and its answer never comes through.
        body = {"new": len(new), "known": len(told) - len(new), "late": 0}
        return web.json_response(body, status=503 if new and len(remembered) == 2 else 200)

    async def history(_: web.Request) -> web.Response:
        ordered = sorted(remembered, key=lambda event: str(event["at"]))
        return web.json_response({"items": [{"id": event["item_id"]} for event in ordered]})

    app = web.Application()
    app.router.add_post("/events", record)
    app.router.add_get("/users/{user}/history", history)
    async with TestServer(app) as server:
        probe = Probe(goods, str(server.make_url("/")), "key", 1_000)
        while len(remembered) < 10:
            await probe.misses([Kind.EVENTS])
        assert await probe.kept() == Balance(10)


async def test_a_wrong_answer_is_no_recovery(goods: Goods) -> None:
    async with Service(goods, 3, {"short": 1}).probed(20.0) as probe:
        with pytest.raises(WrongAnswer, match="9 items instead of 10"):
            await probe.recovered(time.monotonic())


async def test_nobody_is_there(goods: Goods) -> None:
    probe = Probe(goods, f"http://127.0.0.1:{free_port()}", "key", 1_000, given=0.0)
    with pytest.raises(NotRecovered, match="/events: ClientConnectorError"):
        await probe.recovered(time.monotonic())
