"""`POST /free`: a model's own list beside those that are served, under the same rules as they."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace

import pytest
from shopfront import Shop, error_of, visit
from toyshop import SpellingEngine

from service.api.service import Bounds
from service.pipeline.parts import Recommender
from service.ports import Page, Written

TEXT = "1. Red Mug 0\n2. Secret Whisper\n3. Red Mug 0\n4. Blue Lamp 1"


class Author(SpellingEngine):
    model = "author"

    def __init__(self, wait: asyncio.Event | None = None, stopped: str | None = None) -> None:
        super().__init__()
        self.wait = wait
        self.stopped = stopped
        self.cancelled = False
        self.asked = asyncio.Event()

    async def write(self, page: Page) -> Written:
        self.pages.append(page)
        self.asked.set()
        try:
            if self.wait:
                await self.wait.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Written(TEXT, tokens=9, passes=9, stopped=self.stopped)


@dataclass
class AuthorsShop(Shop):
    author: Author = field(default_factory=Author)

    @property
    def recommender(self) -> Recommender:
        return replace(super().recommender, engine=self.author)


async def test_what_it_wrote_and_what_is_wrong_with_it() -> None:
    async with visit(AuthorsShop()) as client:
        body = {"k": 3, "user_id": "u1", "intent": {"exclude": ["Sock"]}}
        response = await client.post("/free", json=body, headers={"x-request-id": "r7"})
    told = response.json()
    assert told["request_id"] == "r7"
    assert told["text"] == TEXT
    assert "stopped" not in told
    assert told["lines"][0] == {
        "text": "Red Mug 0",
        "id": "i0",
        "title": "Red Mug 0",
        "categories": ["Red", "Mug"],
        "amiss": [],
    }
    assert told["lines"][1].keys() == {"text", "categories", "amiss"}
    amiss = [[one["kind"] for one in line["amiss"]] for line in told["lines"]]
    assert amiss == [[], ["nonexistent"], ["repeat"], ["surplus"]]
    assert told["violations"] == {"count": 1, "nonexistent": 1, "repeat": 1}
    assert told["controls"][0] | {"want": "=0", "got": 0, "holds": True} == told["controls"][0]
    assert (told["model"], told["k"]) == ("author", 3)
    assert told["prompt"].startswith("recommend/")
    assert told["timings"]["total"] > 0


async def test_where_it_was_cut_it_says_so() -> None:
    async with visit(AuthorsShop(author=Author(stopped="the deadline came"))) as client:
        told = (await client.post("/free", json={"k": 3})).json()
    assert told["stopped"] == "the deadline came"
    assert [line["text"] for line in told["lines"]] == ["Red Mug 0", "Secret Whisper", "Red Mug 0"]


async def test_who_hangs_up_ends_the_writing() -> None:
    shop = AuthorsShop(author=Author(asyncio.Event()))
    async with visit(shop) as client:
        asked = asyncio.create_task(client.post("/free", json={"k": 3}))
        await shop.author.asked.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert shop.author.cancelled


async def test_few_are_written_at_once_and_lists_go_on() -> None:
    shop = AuthorsShop(author=Author(asyncio.Event()))
    async with visit(shop) as client:
        under_way = [asyncio.create_task(client.post("/free", json={"k": 3})) for _ in range(2)]
        while len(shop.author.pages) < 2:  # noqa: ASYNC110 - it has no event for the second
            await asyncio.sleep(0)
        refused = await client.post("/free", json={"k": 3})
        assert (refused.status_code, error_of(refused)["code"]) == (503, "overloaded")
        listed = await client.post("/recommend", json={"k": 3, "strategy": "retrieve"})
        assert listed.status_code == 200
        shop.author.wait = None
        for one in under_way:
            one.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        assert (await client.post("/free", json={"k": 3})).status_code == 200


@pytest.mark.parametrize(("bounds", "most"), [(Bounds(), 30), (Bounds(max_k=5, default_k=5), 5)])
async def test_it_is_no_longer_than_can_be_looked_at(bounds: Bounds, most: int) -> None:
    async with visit(AuthorsShop(), bounds) as client:
        assert (await client.post("/free", json={"k": most})).status_code == 200
        assert (await client.post("/free", json={"k": most + 1})).status_code == 422


async def test_it_takes_a_place() -> None:
    shop = AuthorsShop(author=Author(asyncio.Event()))
    async with visit(shop, Bounds(max_concurrent=1)) as client:
        first = asyncio.create_task(client.post("/free", json={"k": 3}))
        await shop.author.asked.wait()
        for path in ("/free", "/recommend"):
            refused = await client.post(path, json={"k": 3})
            assert (refused.status_code, error_of(refused)["code"]) == (503, "overloaded")
        assert shop.author.wait is not None
        shop.author.wait.set()
        assert (await first).status_code == 200


async def test_without_a_model_it_says_so() -> None:
    async with visit() as client:
        response = await client.post("/free", json={"k": 3})
    assert (response.status_code, error_of(response)["code"]) == (422, "no_model")
    assert "no model" in error_of(response)["hint"]


async def test_controls_in_conflict_are_named() -> None:
    async with visit(AuthorsShop()) as client:
        shares = [{"category": name, "op": ">=", "share": 0.8} for name in ("Mug", "Sock")]
        response = await client.post("/free", json={"k": 5, "intent": {"shares": shares}})
    assert (response.status_code, error_of(response)["code"]) == (422, "conflicting_controls")
    assert "relax" not in error_of(response)["hint"]


@pytest.mark.parametrize(
    "more",
    [{"k": 0}, {"k": 101}, {"prior_weight": 1.0}, {"on_conflict": "relax"}, {"stream": True}],
    ids=str,
)
async def test_what_makes_no_sense_here_is_refused(more: dict[str, object]) -> None:
    async with visit(AuthorsShop()) as client:
        response = await client.post("/free", json={"k": 3, **more})
    assert response.status_code == 422
    error_of(response)


async def test_without_the_playground_there_is_none() -> None:
    async with visit(AuthorsShop(), Bounds(playground=False)) as client:
        assert (await client.post("/free", json={"k": 3})).status_code == 404
        assert "/free" not in (await client.get("/openapi.json")).json()["paths"]


async def test_the_log_says_nothing_of_what_was_written_or_met(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with visit(AuthorsShop()) as client:
        body = {"k": 3, "history": ["i17"], "intent": {"text": "a hidden wish"}}
        await client.post("/free", json=body)
        await client.post("/recommend", json=body | {"inside": True, "strategy": "rank"})
    told = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "/free" in told
    for secret in ("Whisper", "hidden wish", "i17", "Red Mug"):
        assert secret not in told
