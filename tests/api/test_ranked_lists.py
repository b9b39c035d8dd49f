"""Ranked lists over HTTP: one answer, or events, each with what made it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from counted import lists_made
from shopfront import Shop, visit
from toyshop import DeadEngine, SpellingEngine, ToyRetriever, WeighingEngine, recommender

from service.pipeline.parts import Recommender
from service.pipeline.verify import verify

BODY = {"k": 4, "strategy": "rank", "history": ["i1"], "intent": {"exclude": ["Sock"]}}


class RankShop(Shop):
    """The shop with an engine that weighs."""

    def __init__(self, engine: SpellingEngine) -> None:
        super().__init__()
        made = recommender(engine=engine, retrievers=[ToyRetriever("similarity")])
        self._parts = replace(made, observer=self.metrics)

    @property
    def recommender(self) -> Recommender:
        return self._parts


def backwards(count: int) -> list[float]:
    return [float(place) for place in range(count)]


async def test_a_ranked_list_and_its_receipt() -> None:
    shop = RankShop(WeighingEngine(backwards))
    async with visit(shop) as client:
        answer = (await client.post("/recommend", json=BODY)).json()
        lines = (await client.get("/metrics")).text.splitlines()
    receipt = answer["receipt"]
    assert (receipt["path"], receipt["strategy"], receipt["degraded"]) == ("llm", "rank", False)
    assert (receipt["model"], receipt["prompt"]) == ("scales", "rank/2")
    assert receipt["why"].startswith("rank was asked for")
    assert {item["source"] for item in answer["items"]} == {"llm"}
    assert not any("Sock" in item["categories"] for item in answer["items"])
    assert verify(answer, shop.recommender.catalogue, ["i1"]) == []
    assert f"{lists_made('llm', 'rank', model='scales', prompt='rank/2')} 1.0" in lines
    assert 'listwright_engine_tokens_total{model="scales"} 1.0' in lines


async def test_its_lines_are_events_as_those_of_any_list() -> None:
    async with visit(RankShop(WeighingEngine(backwards))) as client:
        text = (await client.post("/recommend", json={**BODY, "stream": True})).text
    frames = [frame.split("\n") for frame in text.strip().split("\n\n")]
    assert [kind for kind, _ in frames] == ["event: item"] * 4 + ["event: answer"]
    *items, answer = [json.loads(data.removeprefix("data: ")) for _, data in frames]
    assert items == answer["items"]
    assert answer["receipt"]["strategy"] == "rank"


async def test_an_engine_that_is_away_leaves_the_retrievers_list() -> None:
    async with visit(RankShop(DeadEngine())) as client:
        receipt = (await client.post("/recommend", json=BODY)).json()["receipt"]
    assert (receipt["path"], receipt["strategy"]) == ("ranked", "retrieve")
    assert receipt["degraded"]
    assert "connection refused" in receipt["why"]


@pytest.mark.parametrize("route", ["/recommend", "/answer"])
async def test_a_variant_that_is_not_there_is_refused(route: str) -> None:
    bodies = {"/recommend": {"k": 3}, "/answer": {"question": "Which?\n1. one\n2. two"}}
    async with visit(Shop()) as client:
        response = await client.post(route, json={**bodies[route], "variant": "tuned"})
        streamed = await client.post("/recommend", json={"variant": "tuned", "stream": True})
    assert response.status_code == streamed.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["message"]) == ("unknown_variant", "there is no variant 'tuned'")
    assert "default" in error["hint"]
