"""Many who ask the same at once cost the model one call, through all that a request passes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from shopfront import Shop, visit
from toyshop import SpellingEngine, recommender

from service.api.service import Bounds
from service.pipeline.parts import Recommender
from service.ports import Decoding, Job
from service.store.cache import MemoryCache

AT_ONCE = 1_000
SAME = {"user_id": "ann", "k": 3, "strategy": "generate"}


class Slow(SpellingEngine):
    """Spells once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = 0, asyncio.Event()

    async def spell(self, job: Job) -> Decoding:
        self.asked += 1
        await self.go.wait()
        return await super().spell(job)


@dataclass
class Popular(Shop):
    slow: Slow = field(default_factory=Slow)
    parts: Recommender = field(init=False)

    def __post_init__(self) -> None:
        self.parts = replace(recommender(engine=self.slow), cache=MemoryCache())

    @property
    def recommender(self) -> Recommender:
        return self.parts


@pytest.mark.parametrize("places", [AT_ONCE, 64])
async def test_a_thousand_at_once_are_one_call(places: int) -> None:
    shop = Popular()
    bounds = Bounds(max_concurrent=places, busy_seconds=60.0)
    async with visit(shop, bounds) as client:
        asking = [asyncio.create_task(client.post("/recommend", json=SAME)) for _ in range(AT_ONCE)]
        while not shop.slow.asked or sum(one.done() for one in asking) < AT_ONCE - places:  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.01)
        shop.slow.go.set()
        answers = await asyncio.gather(*asking)
    assert shop.slow.asked == 1
    statuses = Counter(each.status_code for each in answers)
    assert statuses == Counter({200: places, 503: AT_ONCE - places})
    told = [each.json() for each in answers if each.status_code == 200]
    assert Counter(each["origin"] for each in told) == {"made": 1, "shared": places - 1}
    assert len({tuple(item["id"] for item in each["items"]) for each in told}) == 1
    assert len({each["request_id"] for each in told}) == places
