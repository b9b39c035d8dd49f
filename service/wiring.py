"""The composition root: settings -> parts, opened and closed in one place.

Nothing else knows concrete parts and settings together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Final

from opentelemetry.trace import TracerProvider

from service.access.gate import Access
from service.access.keyring_watch import KeyringWatch
from service.catalog.artifact import LoadedCatalogue
from service.catalog.build import Progress, SimilarityTools, Tools, build
from service.catalog.read import read_source
from service.domain import DEFAULT_VARIANT
from service.engines.openai import OpenAiEngine
from service.errors import BadSettings
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender
from service.ports import Engine, ExposureStore
from service.retrieval.index import build_index, save_index
from service.retrieval.popularity import popularity_scores
from service.retrieval.ranker_watch import RankerWatch
from service.settings import Settings
from service.steering.arrays import FloatArray
from service.store.seeded import SeededHistories
from service.telemetry.metrics import Metrics
from service.telemetry.observers import LogObserver, Observers
from service.telemetry.spans import SpanObserver, spans
from service.wiring_answer import answerer_of, opened_sidecar
from service.wiring_edition import Printer
from service.wiring_editions import Edition, Editions, first_edition, followed
from service.wiring_engine import (
    encoder_of,
    tell,
    tokenizer_of,
    upstreams,
)
from service.wiring_store import Stores, opened_stores
from service.wiring_variants import (
    Served,
    engines,
    opened_engines,
    troubles_of,
    with_others,
)

LOG: Final = logging.getLogger("listwright.service")

_AS_NAMED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened service."""

    editions: Editions
    exposures: ExposureStore
    access: Access
    metrics: Metrics
    answerer: Answerer
    engines: Mapping[str, Engine]
    """Each once, by what it is called where troubles are told."""
    sidecar: OpenAiEngine | None = None
    spans: TracerProvider | None = None

    @property
    def catalogue(self) -> LoadedCatalogue:
        """The one that is served now."""
        return self.editions.current.catalogue

    @property
    def store(self) -> SeededHistories:
        """What users have met, by what it was built with and since."""
        return self.editions.current.store

    @property
    def recommender(self) -> Recommender:
        """What makes lists of it."""
        return self.editions.current.recommender

    @property
    def ranker(self) -> RankerWatch | None:
        """The ranker beside it, if one is looked for."""
        return self.editions.current.ranker

    async def amiss(self) -> list[str]:
        """What has to be done without now; requests are served all the same."""
        return [f"{name}: {trouble}" for name, trouble in (await self.without()).items()]

    async def without(self) -> dict[str, str]:
        """The same, by what it is."""
        troubles, store = await asyncio.gather(self.troubles(), self.store.trouble())
        ranker = None if self.ranker is None else self.ranker.trouble()
        found = {
            "ranker": ranker,
            "store": store,
            "catalogue": self.editions.trouble(),
            "keys": self.access.trouble(),
        }
        return troubles | {name: why for name, why in found.items() if why is not None}

    async def troubles(self) -> dict[str, str]:
        """Which of the models cannot be had now, and why."""
        return await troubles_of(self.models())

    def models(self) -> dict[str, Engine]:
        """All that decode, by what they do here."""
        helper = {} if self.sidecar is None else {"sidecar": self.sidecar}
        return {**self.engines, **helper}


@dataclass(frozen=True, slots=True)
class _Watch:
    """What looks on."""

    metrics: Metrics
    spans: TracerProvider | None

    @property
    def observer(self) -> Observers:
        """All who hear of what is made."""
        traced = () if self.spans is None else (SpanObserver(self.spans),)
        return Observers((self.metrics, LogObserver(), *traced))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """Open every part, and close what must be closed."""
    metrics = Metrics()
    metrics.runs(version("listwright"), settings.engine.kind)
    with spans(wanted=settings.server.traces) as provider:
        watch = _Watch(metrics, provider)
        async with (
            opened_engines(settings) as served,
            opened_stores(settings, metrics.store) as stores,
            opened_sidecar(settings) as sidecar,
        ):
            parts = await _parts(settings, served, sidecar, stores, watch)
            async with followed(parts.editions):
                yield parts


def build_catalogue(  # noqa: PLR0913 - what a build is made of
    items: Path,
    events: Path | None,
    out: Path,
    settings: Settings,
    *,
    progress: Progress = lambda _stage, _done, _all: None,
    skip_bad: bool = False,
    columns: Mapping[str, str] = _AS_NAMED,
) -> Path:
    """Read the input and build a catalogue for the engine's tokenizer; the version's folder."""

    def reading(done: int, total: int | None) -> None:
        progress("read", done, total or done)

    source = read_source(items, events, skip_bad=skip_bad, columns=columns, progress=reading)
    if source.skipped_count:
        tell(f"left out {source.skipped_count} bad rows, the first: {source.skipped[0]}")
    if source.events.unknown_items:
        total = source.events.unknown_items + len(source.events)
        tell(f"left out {source.events.unknown_items} of {total} events: their items are unknown")
    return build(source, out, tools_of(settings), progress)


def tools_of(settings: Settings) -> Tools:
    """What a catalogue is built with besides its source."""

    def write_index(vectors: FloatArray, path: Path) -> None:
        save_index(build_index(vectors), path)

    similar = settings.retrieval.similarity
    return Tools(
        tokenizer=tokenizer_of(settings),
        popularity=popularity_scores,
        similarity=SimilarityTools(encoder_of(settings), write_index) if similar else None,
        max_k=settings.recommend.max_k,
    )


async def _parts(
    settings: Settings,
    served: Mapping[str, Served],
    sidecar: OpenAiEngine | None,
    stores: Stores,
    watch: _Watch,
) -> Parts:
    if settings.catalogue.path is None:
        raise BadSettings(
            "no catalogue is named",
            hint="Pass --catalogue DIR or set LISTWRIGHT_CATALOGUE__PATH; `listwright build` makes"
            " one.",
        )
    metrics = watch.metrics
    printer = Printer(settings, served, stores, watch.observer, sidecar)
    first = await first_edition(settings.catalogue.path, printer.edition, stores.pointer)
    engine, observer = served[DEFAULT_VARIANT].engine, printer.observer
    answerer = answerer_of(settings, engine, printer.encoder, sidecar, observer)
    parts = Parts(
        editions=Editions(first, printer.edition, partial(_show, metrics), stores.pointer),
        exposures=stores.exposures,
        access=Access(stores.limits, _keyring(settings)),
        metrics=metrics,
        answerer=with_others(replace(answerer, cache=stores.cache), served),
        engines=engines(served),
        sidecar=sidecar,
        spans=watch.spans,
    )
    metrics.watch(parts.models())
    metrics.watch_parts(
        {
            "catalogue": parts.editions.trouble,
            "keys": parts.access.trouble,
            "store": stores.trouble,
        }
    )
    metrics.watch_upstreams(upstreams(parts.models()))
    return parts


def _show(metrics: Metrics, edition: Edition) -> None:
    metrics.serving(edition.catalogue.version, edition.catalogue.size)
    metrics.follow(edition.ranker)


def _keyring(settings: Settings) -> KeyringWatch | None:
    path = settings.access.keys
    return None if path is None else KeyringWatch(path)
