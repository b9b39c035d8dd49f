"""Events come in over HTTP, once each, and what they tell counts from the next list on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from shopfront import STORE_DOWN, Shop, Store, error_of, visit

from service.api.event_schema import EventsAnswer, HistoryAnswer


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visit() as client:
        yield client


def met(number: int, item: str = "i3", user: str = "u1", **more: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "user_id": user, "item_id": item, **more}


async def send(client: httpx.AsyncClient, *events: dict[str, Any]) -> dict[str, Any]:
    response = await client.post("/events", json={"events": list(events)})
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    EventsAnswer.model_validate(told)
    return told


async def known(client: httpx.AsyncClient, user: str = "u1") -> list[str]:
    response = await client.get(f"/users/{user}/history")
    assert response.status_code == 200, response.text
    return [item.id for item in HistoryAnswer.model_validate(response.json()).items]


async def test_what_was_met_is_listed_no_more(client: httpx.AsyncClient) -> None:
    async def listed() -> list[str]:
        answer = (await client.post("/recommend", json={"user_id": "u9", "k": 3})).json()
        return [item["id"] for item in answer["items"]]

    first = (await listed())[0]
    assert await send(client, met(1, first, "u9")) == {
        "new": 1,
        "known": 0,
        "late": 0,
        "unknown_items": 0,
    }
    assert first not in await listed()


async def test_events_follow_what_the_catalogue_knows(client: httpx.AsyncClient) -> None:
    assert await known(client) == ["i1", "i2"]
    await send(client, met(1, "i7"))
    assert await known(client) == ["i1", "i2", "i7"]
    await send(client, met(2, "i1"))
    assert await known(client) == ["i2", "i7", "i1"], "met again, told once, where it was last"


async def test_late_ones_stand_where_they_belong(client: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    for number, ago in ((1, 1), (2, 9), (3, 5)):
        at = (now - timedelta(minutes=ago)).isoformat()
        await send(client, met(number, f"i{number}", "bob", at=at))
    assert await known(client, "bob") == ["i2", "i3", "i1"]


async def test_sent_again_they_count_once(client: httpx.AsyncClient) -> None:
    await send(client, met(1))
    told = await send(client, met(1), met(2, "not-here"))
    assert (told["new"], told["known"], told["unknown_items"]) == (1, 1, 1)


async def test_an_item_the_catalogue_lacks_has_no_title(client: httpx.AsyncClient) -> None:
    await send(client, met(1, "not-here", "bob"), met(2, "i4", "bob"))
    items = (await client.get("/users/bob/history")).json()["items"]
    assert sorted(items, key=lambda item: item["id"]) == [
        {"id": "i4", "title": "Red Drum 4"},
        {"id": "not-here", "title": None},
    ]


async def test_who_is_forgotten_starts_anew(client: httpx.AsyncClient) -> None:
    await send(client, met(1, user="a/b"))
    assert await known(client, "a/b") == ["i3"]
    assert (await client.delete("/users/a/b/history")).status_code == 204
    assert await known(client, "a/b") == []


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "events must not be empty"),
        ([met(number) for number in range(1_001)], "at most 1000 entries"),
        ([met(1, at="2026-01-01T10:00:00")], r"at must say its offset"),
        ([met(1, at="yesterday")], r"at must be a time such"),
        ([met(1, at=1_700_000_000)], r"at must be a time such"),
        ([met(1, at="1969-12-31T23:59:59Z")], "since 1970"),
        ([met(1, at="9999-01-01T00:00:00Z")], "9999"),
        ([met(1, more=1)], "more"),
        ([met(1, item="")], "item_id"),
        ([met(1, user="a\0b")], "NUL"),
        ([met(1, user="a\nb")], "line feed"),
        ([met(1, user=".")], "user_id must not be . or .."),
        ([met(1, user="..")], "user_id must not be . or .."),
        ([{"id": "e1", "user_id": "u1"}], "item_id"),
    ],
)
async def test_what_cannot_be_is_refused_as_a_whole(
    client: httpx.AsyncClient, events: list[dict[str, Any]], words: str
) -> None:
    sent = [met(77, user="bob"), *events] if events and len(events) == 1 else events
    response = await client.post("/events", json={"events": sent})
    assert response.status_code == 422
    error = error_of(response)
    assert re.search(words, f"{error['message']} {error['hint']}"), error
    assert await known(client, "bob") == []


async def test_a_clock_a_little_ahead_is_believed(client: httpx.AsyncClient) -> None:
    at = (datetime.now(UTC) + timedelta(minutes=50)).isoformat()
    assert (await send(client, met(1, at=at)))["new"] == 1


async def test_without_a_store_nothing_is_acknowledged() -> None:
    async with visit(Shop(store=Store(broken=STORE_DOWN))) as client:
        for response in (
            await client.post("/events", json={"events": [met(1)]}),
            await client.get("/users/u1/history"),
            await client.delete("/users/u1/history"),
        ):
            assert response.status_code == 503
            assert error_of(response)["code"] == "store_unavailable"
            assert response.headers["retry-after"]


async def test_they_are_counted(client: httpx.AsyncClient) -> None:
    await send(client, met(1), met(1), met(2))
    text = (await client.get("/metrics")).text
    assert 'listwright_events_total{outcome="new"} 2.0' in text
    assert 'listwright_events_total{outcome="known"} 1.0' in text
    assert 'listwright_events_total{outcome="late"} 0.0' in text
