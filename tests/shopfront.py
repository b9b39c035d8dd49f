"""The real application over a small catalogue that lives in memory; no engine, so it is quick."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
from opentelemetry.trace import TracerProvider
from quiz import Sage, answerer

from service.access.gate import Access
from service.api.app import create_app
from service.api.service import Bounds
from service.domain import Event, Item, KnownUser, User
from service.errors import StoreUnavailable, UnknownCategory
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender
from service.ports import Engine, Recorded
from service.steering.arrays import FloatArray, IntArray
from service.store.exposures import MemoryExposures
from service.store.limits import MemoryLimits
from service.store.memory import MemoryHistories
from service.store.seeded import SeededHistories
from service.telemetry.metrics import Metrics

COLOURS = ("Red", "Blue", "Green", "Grey")
THINGS = ("Mug", "Lamp", "Sock", "Book", "Drum")


def goods(count: int = 40) -> list[Item]:
    return [
        Item(
            id=f"i{n}",
            title=f"{COLOURS[n % 4]} {THINGS[n % 5]} {n}",
            categories=(COLOURS[n % 4], THINGS[n % 5]),
            attributes={"price": n / 2},
        )
        for n in range(count)
    ]


class Shelf:
    version = "shelf-1"
    embeddings = None

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = list(items)
        self.histories = Histories()
        self.size = len(self.items)
        self.categories = sorted({name for item in items for name in item.categories})
        self.popularity: FloatArray = np.log(np.full(self.size, 1 / max(1, self.size)))
        self.meetings: IntArray = np.zeros(self.size, dtype=np.int32)
        self.popular_rows: IntArray = np.arange(self.size)

    @property
    def lexicon(self) -> Any:
        raise AssertionError("no engine, no spelling")

    @property
    def frame(self) -> Any:
        raise AssertionError("no engine, no spelling")

    def postings(self, category: str) -> IntArray:
        rows = [row for row, item in enumerate(self.items) if category in item.categories]
        if not rows:
            raise UnknownCategory(f"there is no category {category!r}")
        return np.array(rows)

    def rows(self, ids: Sequence[str]) -> IntArray:
        known = {item.id: row for row, item in enumerate(self.items)}
        return np.array([known.get(item_id, -1) for item_id in ids], dtype=np.int64)

    def item(self, row: int) -> Item:
        return self.items[row]

    def spelling(self, row: int) -> str:
        return self.items[row].title

    def titles(self, rows: IntArray) -> list[str]:
        return [self.items[row].title for row in rows.tolist()]

    def spellings(self, rows: IntArray) -> list[str]:
        return [self.spelling(row) for row in rows.tolist()]

    def search(self, text: str, limit: int) -> IntArray:
        words = text.lower()
        rows = [row for row, item in enumerate(self.items) if words in item.title.lower()]
        return np.array(rows[:limit], dtype=np.int64)

    def summary(self) -> Any:
        counts = {name: len(self.postings(name)) for name in self.categories}
        return SimpleNamespace(
            built_at="2026-01-01T00:00:00+00:00",
            counts=SimpleNamespace(users=1, events=2),
            categories=counts,
            tokenizer=SimpleNamespace(name="letters"),
            encoder=None,
        )


class Histories:
    def sample(self, limit: int) -> tuple[str, ...]:
        return ("u1",)[:limit]

    def history(self, user_id: str) -> tuple[str, ...]:
        return ("i1", "i2") if user_id == "u1" else ()


@dataclass
class Store:
    broken: Exception | None = None
    kept: SeededHistories = field(
        default_factory=lambda: SeededHistories(Histories(), MemoryHistories())
    )

    async def history(self, user: User) -> tuple[str, ...]:
        return await self._answering().history(user)

    async def record(self, events: Sequence[Event]) -> Recorded:
        return await self._answering().record(events)

    async def forget(self, user: User) -> None:
        await self._answering().forget(user)

    async def trouble(self) -> str | None:
        return str(self.broken) if self.broken else None

    def known(self, tenant: str, limit: int) -> tuple[KnownUser, ...]:
        return self.kept.known(tenant, limit)

    def _answering(self) -> SeededHistories:
        if self.broken:
            raise self.broken
        return self.kept


@dataclass
class Shop:
    """Such a service as wiring opens."""

    catalogue: Shelf = field(default_factory=lambda: Shelf(goods()))
    store: Store = field(default_factory=Store)
    exposures: MemoryExposures = field(default_factory=MemoryExposures)
    access: Access = field(default_factory=lambda: Access(MemoryLimits()))
    metrics: Metrics = field(default_factory=Metrics)
    wrong: dict[str, str] = field(default_factory=dict)
    """With which of its models, and what."""
    sidecar: Sage | None = None
    desk: Answerer = field(default_factory=lambda: replace(answerer(), engine=None))
    engines: dict[str, Engine] = field(default_factory=dict)
    spans: TracerProvider | None = None

    @property
    def answerer(self) -> Answerer:
        return replace(self.desk, observer=self.metrics)

    @property
    def recommender(self) -> Recommender:
        return Recommender(
            self.catalogue, (), None, self.store, self.metrics, exposures=self.exposures
        )

    async def amiss(self) -> list[str]:
        return [f"{name}: {trouble}" for name, trouble in self.wrong.items()]

    async def without(self) -> dict[str, str]:
        return self.wrong

    async def troubles(self) -> dict[str, str]:
        return self.wrong

    def models(self) -> dict[str, Any]:
        return {**self.engines, "sidecar": self.sidecar}


STORE_DOWN = StoreUnavailable("the store does not answer")


@asynccontextmanager
async def visit(
    shop: Shop | None = None, bounds: Bounds | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(shop or Shop(), bounds or Bounds())
    # An exception that reaches the transport is a bug: it is raised, not turned into a 500.
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


def error_of(response: httpx.Response) -> dict[str, str]:
    """The error of an answer, after checking its shape."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "hint", "request_id"}
    assert body["error"]["request_id"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    error: dict[str, str] = body["error"]
    return error
