"""A store that hangs costs a request no more than its time, and what it needs of the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from toyshop import Noted, SpellingEngine, ToyStore, recommender

from service.domain import Event, Exposure, Feedback, Origin, Path, RecommendRequest, Strategy, User
from service.errors import StoreUnavailable
from service.pipeline.clock import Deadline
from service.pipeline.in_time import CacheInTime, in_time
from service.pipeline.recommend import recommend
from service.ports import Recorded
from service.store.cache import MemoryCache

T = TypeVar("T")

LONG_S = 3_600.0
PATIENCE_S = 30.0
SHORT = 300


class Hung:
    """Takes questions and answers none: every store in one."""

    async def history(self, user: User) -> tuple[str, ...]:
        return await never(())

    async def record(self, events: Sequence[Event]) -> Recorded:
        return await never(Recorded())

    async def forget(self, user: User) -> None:
        await never(None)

    async def trouble(self) -> str | None:
        return await never(None)

    async def get(self, key: str) -> str | None:
        return await never(None)

    async def put(self, key: str, value: str, seconds: float | None = None) -> None:
        await never(None)

    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        await never(None)

    async def exposed(self, tenant: str, request_id: str) -> Exposure | None:
        return await never(None)

    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...]:
        return await never(())


async def never(value: T) -> T:
    await asyncio.sleep(LONG_S)
    return value


def asks(**more: object) -> RecommendRequest:
    said = {"k": 3, "user_id": "ann", "strategy": Strategy.GENERATE, "deadline_ms": SHORT} | more
    return RecommendRequest(**said)  # type: ignore[arg-type]


async def test_a_history_that_does_not_come_is_not_waited_for_beyond_the_deadline() -> None:
    parts = recommender(engine=SpellingEngine(), store=Hung())
    with pytest.raises(StoreUnavailable, match="deadline"):
        async with asyncio.timeout(PATIENCE_S):
            await recommend(parts, asks(), "r1")


async def test_who_needs_no_history_is_served() -> None:
    parts = replace(recommender(engine=SpellingEngine(), store=Hung()), exposures=Hung())
    async with asyncio.timeout(PATIENCE_S):
        brings = await recommend(parts, asks(history=("i1",)), "r1")
        nobody = await recommend(parts, asks(user_id=None), "r2")
    assert len(brings.items) == len(nobody.items) == 3
    assert isinstance(parts.observer, Noted)
    assert parts.observer.missed == ["exposure: StoreUnavailable"] * 2


async def test_a_cache_that_hangs_is_done_without() -> None:
    store = ToyStore({"ann": ("i1", "i2")})
    parts = replace(recommender(engine=SpellingEngine(), store=store), cache=Hung())
    async with asyncio.timeout(PATIENCE_S):
        made = await recommend(parts, asks(), "r1")
    assert (made.origin, made.receipt.path, len(made.items)) == (Origin.MADE, Path.LLM, 3)
    assert isinstance(parts.observer, Noted)
    assert parts.observer.missed == ["cache: StoreUnavailable"] * 2


async def test_what_answers_at_once_answers_however_little_time_is_left() -> None:
    cache = CacheInTime(MemoryCache(), Deadline(0))
    await cache.put("a", "x")
    assert await cache.get("a") == "x"
    assert await in_time(asyncio.sleep(0, "woken"), 0.0) == "woken"


async def test_what_was_wrong_is_told_as_it_was() -> None:
    async def wrong() -> None:
        raise StoreUnavailable("Redis did not answer (ConnectionError)")

    with pytest.raises(StoreUnavailable, match="ConnectionError"):
        await in_time(wrong(), 1.0)
