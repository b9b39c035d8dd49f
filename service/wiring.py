"""The composition root: settings -> parts, opened and closed in one place.

Nothing else knows concrete parts and settings together.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from service.access.gate import Access
from service.access.keyring import Keyring, read_keyring
from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import Progress, SimilarityTools, Tools, build
from service.catalog.read import read_source
from service.domain import DEFAULT_VARIANT
from service.engines.openai import OpenAiEngine
from service.errors import BadSettings, DamagedArtifact
from service.pipeline.answerer import Answerer
from service.pipeline.blend import is_part
from service.pipeline.parts import Policy, Recommender
from service.ports import Encoder, Engine, ExposureStore, Retriever
from service.retrieval.index import build_index, load_index, save_index
from service.retrieval.mentions import Mentions
from service.retrieval.popularity import popularity_scores
from service.retrieval.ranker import ranker_root
from service.retrieval.ranker_watch import RankerWatch
from service.retrieval.sasrec import SasRec
from service.retrieval.search import Search
from service.retrieval.similarity import Similarity
from service.retrieval.vectors import Vectors
from service.settings import Settings
from service.steering.arrays import FloatArray
from service.store.seeded import SeededHistories
from service.telemetry.metrics import Metrics
from service.telemetry.observers import LogObserver, Observers
from service.tuning import Tuning
from service.wiring_answer import answerer_of, opened_sidecar
from service.wiring_engine import (
    encoder_of,
    tell,
    tokenizer_of,
    tokenizer_under,
)
from service.wiring_store import Stores, opened_stores
from service.wiring_variants import (
    Served,
    engines,
    one_each,
    opened_engines,
    troubles_of,
    with_others,
)
from service.wiring_warmup import warm_up

LOG: Final = logging.getLogger("listwright.service")

RANKED_HERE: Final = 10
RANKED_THERE: Final = 50
"""Candidates that the model weighs where nothing is set: in the process it reads slowly."""

_AS_NAMED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened service."""

    catalogue: LoadedCatalogue
    store: SeededHistories
    exposures: ExposureStore
    access: Access
    metrics: Metrics
    recommender: Recommender
    answerer: Answerer
    engines: Mapping[str, Engine]
    """Each once, by what it is called where troubles are told."""
    sidecar: OpenAiEngine | None = None
    ranker: RankerWatch | None = None

    async def amiss(self) -> list[str]:
        """What has to be done without now; requests are served all the same."""
        troubles = await self.troubles()
        ranker = None if self.ranker is None else self.ranker.trouble()
        found = {"ranker": ranker, "store": await self.store.trouble()}
        troubles |= {name: trouble for name, trouble in found.items() if trouble is not None}
        return [f"{name}: {trouble}" for name, trouble in troubles.items()]

    async def troubles(self) -> dict[str, str]:
        """Which of the models cannot be had now, and why."""
        return await troubles_of(self.models())

    def models(self) -> dict[str, Engine]:
        """All that decode, by what they do here."""
        helper = {} if self.sidecar is None else {"sidecar": self.sidecar}
        return {**self.engines, **helper}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """Open every part, and close what must be closed."""
    async with opened_engines(settings) as served:
        catalogue = _catalogue(settings, served[DEFAULT_VARIANT].engine)
        async with opened_stores(settings) as stores, opened_sidecar(settings) as sidecar:
            parts = _parts(settings, catalogue, served, sidecar, stores)
            for engine, recommender in one_each(parts.recommender):
                await warm_up(engine, recommender)
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


def _catalogue(settings: Settings, engine: Engine | None) -> LoadedCatalogue:
    path = settings.catalogue.path
    if path is None:
        message = "no catalogue is named"
        hint = (
            "Pass --catalogue DIR or set LISTWRIGHT_CATALOGUE__PATH; `listwright build` makes one."
        )
        raise BadSettings(message, hint=hint)
    catalogue = load(path, tokenizer=tokenizer_under(engine), verify=settings.catalogue.verify)
    lines = len(catalogue.frame.labels)
    if settings.recommend.max_k > lines:
        message = f"max_k is {settings.recommend.max_k}, but the catalogue numbers {lines} lines"
        raise BadSettings(message, hint="Build the catalogue again under this setting.")
    return catalogue


def _parts(
    settings: Settings,
    catalogue: LoadedCatalogue,
    served: Mapping[str, Served],
    sidecar: OpenAiEngine | None,
    stores: Stores,
) -> Parts:
    engine = served[DEFAULT_VARIANT].engine
    metrics = Metrics()
    metrics.serving(catalogue.version, catalogue.size)
    store = SeededHistories(
        lambda: catalogue.histories, stores.histories, settings.catalogue.tenant
    )
    observer, encoder = Observers((metrics, LogObserver())), _encoder(settings, catalogue)
    ranker = _ranker(settings, catalogue)
    if ranker is not None:
        metrics.follow(ranker)
    recommender = Recommender(
        catalogue=catalogue,
        retrievers=_retrievers(catalogue, encoder, ranker),
        engine=engine,
        store=store,
        observer=observer,
        policy=_policy(settings),
        tuning=Tuning if ranker is None else ranker.tuning,
        exposures=stores.exposures,
    )
    answerer = answerer_of(settings, engine, encoder, sidecar, observer)
    return Parts(
        catalogue=catalogue,
        store=store,
        exposures=stores.exposures,
        access=Access(stores.limits, _keyring(settings)),
        metrics=metrics,
        recommender=with_others(recommender, served),
        answerer=with_others(replace(answerer, cache=stores.cache), served),
        engines=engines(served),
        sidecar=sidecar,
        ranker=ranker,
    )


def _keyring(settings: Settings) -> Keyring | None:
    path = settings.access.keys
    return None if path is None else read_keyring(path)


def _policy(settings: Settings) -> Policy:
    ranked = settings.retrieval.ranked
    return Policy(
        prior_weight=settings.recommend.prior_weight,
        deadline_ms=settings.recommend.default_deadline_ms,
        candidates=settings.retrieval.candidates,
        ranked=ranked or (RANKED_HERE if settings.engine.kind == "embedded" else RANKED_THERE),
    )


def _ranker(settings: Settings, catalogue: LoadedCatalogue) -> RankerWatch | None:
    """The ranker beside the catalogue; it may come later."""
    if not settings.retrieval.sasrec:
        return None
    return RankerWatch(ranker_root(catalogue.folder), catalogue, speaks=is_part)


def _encoder(settings: Settings, catalogue: LoadedCatalogue) -> Encoder | None:
    if not settings.retrieval.similarity:
        return None
    try:
        return encoder_of(settings)
    except BadSettings as error:
        if catalogue.index_path is not None:
            raise
        # Whoever builds without similarity may well serve where there is no encoder.
        LOG.warning("questions are answered without similarity: %s", error.message)
        return None


def _retrievers(
    catalogue: LoadedCatalogue, encoder: Encoder | None, ranker: RankerWatch | None
) -> tuple[Retriever, ...]:
    """Those that know the user or the wish; popularity is part of the pipeline itself."""
    follows = () if ranker is None else (SasRec(ranker.current),)
    named = Mentions(catalogue)
    if encoder is None or catalogue.index_path is None:
        return (*follows, named)
    built = catalogue.manifest.encoder
    if built is None or built.name != encoder.name:
        message = f"the catalogue was embedded with {built and built.name}, not {encoder.name}"
        raise DamagedArtifact(message)
    vectors = Vectors(catalogue, load_index(catalogue.index_path))
    return (*follows, named, Similarity(vectors), Search(vectors, encoder))
