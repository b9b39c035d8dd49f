"""The same question of the same user is answered by the same list: made once, checked each time."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest
from toyshop import SpellingEngine, ToyCatalogue, ToyStore, noted, recommender, toy_items

from service.domain import (
    Controls,
    Intent,
    Origin,
    Recommendation,
    RecommendedItem,
    RecommendRequest,
    Sampling,
    Strategy,
)
from service.errors import EngineFailed, EngineTimeout, StoreUnavailable
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import Decoding, Job
from service.store.cache import MemoryCache


class Counting(SpellingEngine):
    def __init__(self, patience: float = 0.0) -> None:
        super().__init__()
        self.asked, self.patience = 0, patience

    async def spell(self, job: Job) -> Decoding:
        self.asked += 1
        within = job.deadline.remaining()
        await asyncio.sleep(min(self.patience, within))
        if within < self.patience:
            raise EngineTimeout("the deadline passed")
        return await super().spell(job)


def shop(engine: Counting | None = None, **more: Any) -> tuple[Recommender, Counting]:
    engine = engine or Counting()
    store = ToyStore({"ann": ("i1", "i2"), "bob": ("i1", "i2"), "zoe": ("i3",)})
    return replace(recommender(engine=engine, store=store), cache=MemoryCache(), **more), engine


def asks(**more: Any) -> RecommendRequest:
    said = {"k": 3, "user_id": "ann", "strategy": Strategy.GENERATE} | more
    return RecommendRequest(**said)


def ids(made: Recommendation) -> list[str]:
    return [line.item.id for line in made.items]


async def test_the_same_again_is_told_again() -> None:
    parts, engine = shop()
    shown: list[RecommendedItem] = []
    first = await recommend(parts, asks(), "r1")
    again = await recommend(parts, asks(deadline_ms=9_000), "r2", shown.append)
    assert (first.origin, again.origin, engine.asked) == (Origin.MADE, Origin.KEPT, 1)
    assert (again.request_id, ids(again)) == ("r2", ids(first))
    assert again.receipt == first.receipt
    assert tuple(shown) == again.items == first.items


@pytest.mark.parametrize(
    "other",
    [
        {"user_id": "bob"},
        {"user_id": "zoe"},
        {"user_id": None},
        {"tenant": "other"},
        {"history": ("i1", "i2")},
        {"k": 4},
        {"intent": Intent(text="something")},
        {"intent": Intent(controls=Controls(exclude=("Red",)))},
        {"prior_weight": 3.0},
        {"sampling": Sampling(0.0, 7)},
        {"explain": True},
        {"strict_history": True},
    ],
)
async def test_another_question_is_another_list(other: dict[str, Any]) -> None:
    parts, engine = shop()
    await recommend(parts, asks(), "r1")
    assert (await recommend(parts, asks(**other), "r2")).origin is Origin.MADE
    assert engine.asked == 2


async def test_another_history_is_another_question() -> None:
    parts, _ = shop()
    assert isinstance(parts.store, ToyStore)
    first = await recommend(parts, asks(), "r1")
    met = {**parts.store.histories, "ann": ("i1", "i2", ids(first)[0])}
    parts = replace(parts, store=ToyStore(met))
    second = await recommend(parts, asks(), "r2")
    assert second.origin is Origin.MADE
    assert ids(first)[0] not in ids(second)


@pytest.mark.parametrize("what", ["catalogue", "ranker", "model"])
async def test_what_is_served_anew_makes_lists_anew(what: str) -> None:
    parts, engine = shop()
    await recommend(parts, asks(), "r1")
    if what == "ranker":
        parts = replace(parts, ranker=lambda: "r2")
    elif what == "catalogue":
        other = ToyCatalogue(toy_items())
        other.version = "toy-2"
        parts = replace(parts, catalogue=other)
    else:
        engine.model = "another"
    assert (await recommend(parts, asks(), "r2")).origin is Origin.MADE


async def test_what_was_done_without_the_model_is_not_kept() -> None:
    parts, _ = shop()
    for request in ("r1", "r2"):
        made = await recommend(parts, asks(strategy=Strategy.RETRIEVE), request)
        assert made.origin is Origin.MADE


async def test_what_breaks_the_promise_by_now_is_not_told() -> None:
    """A cache may hold anything: what somebody wrote there, what a fault left."""
    parts, _ = shop()
    first = await recommend(parts, asks(), "r1")
    cache = parts.cache
    assert isinstance(cache, MemoryCache)
    ((key, _),) = [*cache._kept.items()]
    text = await cache.get(key)
    assert text is not None
    good = json.loads(text)
    for change in (
        [],
        [*good["lines"], good["lines"][0]],
        [{**line, "id": "i1"} for line in good["lines"]],
        [{**line, "id": "nothing"} for line in good["lines"]],
    ):
        await cache.put(key, json.dumps({**good, "lines": change}))
        made = await recommend(parts, asks(), "r2")
        assert (made.origin, ids(made)) == (Origin.MADE, ids(first))
    for told in ({"k": 99}, {"catalogue": "other"}, {"variant": "evil"}, {"model": "evil"}):
        await cache.put(key, json.dumps({**good, "receipt": good["receipt"] | told}))
        assert (await recommend(parts, asks(), "r3")).origin is Origin.MADE
    endless = [line | {"score": float("nan")} for line in good["lines"]]
    for nonsense in ("", "{", "[]", '{"lines": 1}', json.dumps({**good, "lines": endless})):
        await cache.put(key, nonsense)
        assert (await recommend(parts, asks(), "r3")).origin is Origin.MADE
    assert noted(parts).missed.count("cache: PromiseBroken") == 8
    assert noted(parts).missed.count("cache: ValidationError") == 5


async def test_a_kept_list_is_counted_anew() -> None:
    parts, _ = shop()
    first = await recommend(parts, asks(), "r1")
    cache = parts.cache
    assert isinstance(cache, MemoryCache)
    ((key, _),) = [*cache._kept.items()]
    good = json.loads(await cache.get(key) or "")
    lies = {"exists": 77, "repeats": 5, "in_history": 6, "controls": []}
    await cache.put(key, json.dumps({**good, "receipt": good["receipt"] | lies}))
    again = await recommend(parts, asks(), "r2")
    assert again.origin is Origin.KEPT
    assert again.receipt == first.receipt


@dataclass
class Away:
    async def get(self, key: str) -> str | None:
        raise StoreUnavailable("Redis did not answer")

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        raise StoreUnavailable("Redis did not answer")


async def test_a_cache_that_is_away_is_done_without() -> None:
    parts, engine = shop()
    parts = replace(parts, cache=Away())
    for request in ("r1", "r2"):
        assert (await recommend(parts, asks(), request)).origin is Origin.MADE
    assert engine.asked == 2


async def test_a_thousand_at_once_ask_the_engine_once() -> None:
    parts, engine = shop(Counting(patience=0.05))
    shown: list[list[RecommendedItem]] = [[] for _ in range(1_000)]
    made = await asyncio.gather(
        *(recommend(parts, asks(), f"r{n}", shown[n].append) for n in range(1_000))
    )
    assert engine.asked == 1
    assert [one.request_id for one in made] == [f"r{n}" for n in range(1_000)]
    assert {tuple(ids(one)) for one in made} == {tuple(ids(made[0]))}
    assert all(tuple(lines) == made[0].items for lines in shown)
    origins = Counter(told.origin for told in noted(parts).made)
    assert origins == {Origin.MADE: 1, Origin.SHARED: 999}


async def test_users_at_once_get_lists_of_their_own() -> None:
    parts, engine = shop(Counting(patience=0.05))
    made = await asyncio.gather(
        *(recommend(parts, asks(user_id=user), user) for user in ("ann", "bob", "zoe"))
    )
    assert engine.asked == 3
    digests = [one.receipt.history_digest for one in made]
    assert digests[0] == digests[1] != digests[2]


async def test_who_follows_does_not_wait_beyond_their_own_deadline() -> None:
    parts, _ = shop(Counting(patience=0.5))
    first = asyncio.create_task(recommend(parts, asks(), "r1"))
    await asyncio.sleep(0.02)
    hasty = await recommend(parts, asks(deadline_ms=200), "r2")
    assert hasty.receipt.degraded
    assert not first.done()
    assert not (await first).receipt.degraded


async def test_who_goes_takes_nobody_along() -> None:
    parts, engine = shop(Counting(patience=0.1))
    first, second = (asyncio.create_task(recommend(parts, asks(), f"r{n}")) for n in range(2))
    await asyncio.sleep(0.02)
    first.cancel()
    assert len(ids(await second)) == 3
    assert engine.asked == 1


class Ill(Counting):
    """Fails at every list, after a while."""

    async def spell(self, job: Job) -> Decoding:
        self.asked += 1
        await asyncio.sleep(self.patience)
        raise EngineFailed("it is ill")


async def test_a_thousand_at_once_ask_an_engine_that_is_ill_once() -> None:
    parts, engine = shop(Ill(patience=0.05))
    shown: list[list[RecommendedItem]] = [[] for _ in range(1_000)]
    made = await asyncio.gather(
        *(recommend(parts, asks(), f"r{n}", shown[n].append) for n in range(1_000))
    )
    assert engine.asked == 1
    assert all(one.receipt.degraded and len(ids(one)) == 3 for one in made)
    assert all(tuple(lines) == made[0].items for lines in shown)
    assert Counter(one.origin for one in made) == {Origin.MADE: 1, Origin.SHARED: 999}


async def test_a_hundred_at_once_ask_an_engine_that_hangs_once() -> None:
    parts, engine = shop(Counting(patience=60.0))
    wanted = asks(deadline_ms=600)
    made = await asyncio.gather(*(recommend(parts, wanted, f"r{n}") for n in range(100)))
    assert engine.asked == 1
    assert Counter(one.origin for one in made) == {Origin.MADE: 1, Origin.SHARED: 99}
    assert all(one.receipt.degraded for one in made)


async def test_who_has_more_time_takes_no_list_that_was_made_in_less_and_shares_the_next() -> None:
    parts, engine = shop(Counting(patience=0.5))
    hasty = asyncio.create_task(recommend(parts, asks(deadline_ms=250), "hasty"))
    await asyncio.sleep(0.02)
    patient = await asyncio.gather(
        *(recommend(parts, asks(deadline_ms=20_000), f"r{n}") for n in range(100))
    )
    assert (await hasty).receipt.degraded
    assert not any(one.receipt.degraded for one in patient)
    assert engine.asked == 2
    assert Counter(one.origin for one in patient) == {Origin.MADE: 1, Origin.SHARED: 99}
