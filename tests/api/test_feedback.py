"""What became of a list is told by the request, and counted by how the list was made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from shopfront import Shop, error_of, visit

from service.api.feedback_schema import FeedbackAnswer, attributed
from service.domain import Exposure, Feedback, FeedbackKind, Path, Strategy
from service.errors import StoreUnavailable
from service.store.exposures import MemoryExposures


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visit() as client:
        yield client


async def listed(client: httpx.AsyncClient, **more: Any) -> tuple[str, list[str]]:
    response = await client.post("/recommend", json={"k": 4} | more)
    answer = response.json()
    return answer["request_id"], [item["id"] for item in answer["items"]]


async def say(client: httpx.AsyncClient, request: str, **said: list[str]) -> dict[str, Any]:
    response = await client.post("/feedback", json={"request_id": request} | said)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    FeedbackAnswer.model_validate(told)
    return told


async def test_it_counts_once_by_how_the_list_was_made(client: httpx.AsyncClient) -> None:
    request, items = await listed(client)
    told = await say(client, request, shown=items, clicked=items[:2])
    assert told == {"new": 6, "known": 0, "variant": "default"}
    told = await say(client, request, clicked=items[1:3], bought=[items[1]])
    assert (told["new"], told["known"]) == (2, 1)
    metrics = (await client.get("/metrics")).text
    for kind, count in (("shown", 4), ("clicked", 3), ("bought", 1)):
        made = 'model="none",path="popular",prompt="none",strategy="retrieve",variant="default"'
        labels = f'kind="{kind}",{made}'
        assert f"listwright_feedback_total{{{labels}}} {count}.0" in metrics


async def test_each_list_of_a_page_is_told_of_under_its_one_id() -> None:
    exposures = MemoryExposures()
    async with visit(Shop(exposures=exposures)) as client:
        page = {"x-request-id": "page-1"}
        for met in ([], ["i0", "i1"]):
            body = {"k": 2, "history": met, "strategy": "retrieve"}
            assert (await client.post("/recommend", json=body, headers=page)).status_code == 200
        latest, first = await exposures.exposed("default", "page-1")
        assert set(first.items).isdisjoint(latest.items)
        told = await say(client, "page-1", clicked=[first.items[0], latest.items[1]])
        assert (told["new"], told["known"]) == (2, 0)
        told = await say(client, "page-1", clicked=[first.items[0]])
        assert (told["new"], told["known"]) == (0, 1)


def test_an_item_of_two_lists_is_the_latest_ones() -> None:
    old = Exposure("a", Strategy.RETRIEVE, Path.RANKED, None, None, ("i1", "i2"))
    new = replace(old, variant="b", items=("i2", "i3"))
    said = [Feedback(FeedbackKind.CLICKED, each) for each in ("i1", "i2", "i3")]
    assert list(attributed(said, [new, old]).values()) == [old, new, new]


async def test_of_a_streamed_list_too(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/recommend", json={"k": 2, "stream": True}, headers={"x-request-id": "mine"}
    )
    assert response.status_code == 200
    assert "event: answer" in response.text
    assert (await client.post("/feedback", json={"request_id": "mine"})).status_code == 422
    other = await client.post("/feedback", json={"request_id": "mine", "shown": ["nothing"]})
    assert "did not have the item" in error_of(other)["message"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"request_id": "r0", "shown": ["i1"]}, 404, "no list of this request"),
        ({"request_id": "r0"}, 422, "nothing is said"),
        ({"shown": ["i1"]}, 422, "request_id is required"),
        ({"request_id": "r0", "seen": ["i1"]}, 422, "seen is not a field"),
        ({"request_id": "r0", "shown": [""]}, 422, "must not be empty"),
        ({"request_id": "r0", "shown": ["i"] * 1_001}, 422, "at most 1000 entries"),
    ],
)
async def test_what_cannot_be_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, words: str
) -> None:
    response = await client.post("/feedback", json=body)
    assert response.status_code == status
    assert words in error_of(response)["message"]


@dataclass
class Away(MemoryExposures):
    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        raise StoreUnavailable("Redis did not answer")

    async def exposed(self, tenant: str, request_id: str) -> Exposure | None:
        raise StoreUnavailable("Redis did not answer")


@dataclass
class MakingRoom(MemoryExposures):
    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...] | None:
        self._kept.clear()
        return await MemoryExposures.learn(self, tenant, request_id, feedback)


async def test_of_a_list_that_goes_meanwhile_nothing_was_said_before() -> None:
    async with visit(Shop(exposures=MakingRoom())) as client:
        request, items = await listed(client)
        response = await client.post("/feedback", json={"request_id": request, "shown": items})
        assert (response.status_code, error_of(response)["code"]) == (404, "not_found")


async def test_without_a_store_lists_are_made_and_feedback_is_not_taken() -> None:
    async with visit(Shop(exposures=Away())) as client:
        request, items = await listed(client)
        assert len(items) == 4
        response = await client.post("/feedback", json={"request_id": request, "shown": items})
        assert (response.status_code, error_of(response)["code"]) == (503, "store_unavailable")
        assert (
            'left_out_total{error="StoreUnavailable",part="exposure"} 1.0'
            in (await client.get("/metrics")).text
        )
