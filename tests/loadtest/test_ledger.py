"""What users met is compared with what is remembered of it, event by event."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from loadtest.faults.judging import Taken, judged
from loadtest.faults.ledger import Balance, Ledger, compared
from loadtest.traffic.asks import Ask, Asker, Kind
from loadtest.traffic.goods import Goods

EVENTS = [
    {"id": name, "user_id": "u", "item_id": item, "at": f"2026-01-01T00:00:0{at}.000+00:00"}
    for name, item, at in (("e2", "b", 2), ("e1", "a", 1), ("e3", "a", 3))
]
"""In the order of their moments: a, b, a."""


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("aba", Balance(3)),
        # What the catalogue knew stands before.
        ("xyaba", Balance(3)),
        ("ab", Balance(3, lost=1)),
        ("ba", Balance(3, lost=1)),
        ("", Balance(3, lost=3)),
        ("abaa", Balance(3, doubled=1)),
        ("aaba", Balance(3, doubled=1)),
        ("aab", Balance(3, misplaced=1)),
        ("abxa", Balance(3, misplaced=1)),
        ("abax", Balance(3, misplaced=1)),
    ],
)
def test_a_history_is_its_events_in_their_order(told: str, kept: Balance) -> None:
    assert compared(EVENTS, list(told)) == kept


def test_some_events_come_late_and_some_again(goods: Goods) -> None:
    ledger, asker = Ledger(), Asker(goods, 1)
    drawn = [ledger.entered(asker.ask(Kind.EVENTS)).body["events"][0] for _ in range(500)]
    times = Counter(event["id"] for event in drawn)
    assert 20 < sum(count > 1 for count in times.values()) < 80
    for event in drawn:
        # Sent again it is the same, word by word.
        assert [other for other in drawn if other["id"] == event["id"]].count(event) == times[
            event["id"]
        ]
    moments = [event["at"] for event in {event["id"]: event for event in drawn}.values()]
    assert len(set(moments)) == len(moments)
    assert moments != sorted(moments)


def test_an_event_that_was_acknowledged_is_no_new_one(goods: Goods) -> None:
    ask = Asker(goods, 1).ask(Kind.EVENTS)
    said = b'{"new":1,"known":0,"late":0,"unknown_items":0}'
    one = Taken(
        ask, frozenset(), again=False, due=0, lag_ms=0, milliseconds=1, status=200, said=said
    )
    assert judged(one, goods).wrong == []
    assert judged(replace(one, again=True), goods).wrong == [
        "an event that was acknowledged counts as a new one"
    ]


async def test_what_nobody_acknowledged_is_sent_again_before_it_is_looked_for() -> None:
    remembered: dict[str, dict[str, Any]] = {}

    async def record(request: web.Request) -> web.Response:
        remembered.update({event["id"]: event for event in (await request.json())["events"]})
        return web.json_response({})

    async def history(request: web.Request) -> web.Response:
        theirs = [e for e in remembered.values() if e["user_id"] == request.match_info["user"]]
        ordered = sorted(theirs, key=lambda event: str(event["at"]))
        return web.json_response({"items": [{"id": event["item_id"]} for event in ordered]})

    app = web.Application()
    app.router.add_post("/events", record)
    app.router.add_get("/users/{user}/history", history)
    ledger = Ledger()
    sent = [ledger.entered(an_event(n)) for n in range(450)]
    ledger.acknowledge(sent[0].body["events"])
    assert ledger.has(sent[0])
    assert ledger.met == {"u0": {"i0"}}
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        assert await ledger.kept(session) == Balance(1, lost=1)
        await ledger.settle(session)
        # Nothing is lost but what had been acknowledged, which nobody sends again.
        count = len({ask.body["events"][0]["id"] for ask in sent})
        assert await ledger.kept(session) == Balance(count, lost=1)


def an_event(number: int) -> Ask:
    event = {"id": f"e{number}", "user_id": f"u{number % 7}", "item_id": f"i{number % 3}"}
    return Ask(Kind.EVENTS, {"events": [event]}, event["user_id"])
