"""The composition root: settings -> parts, opened and closed in one place.

Nothing else knows concrete parts and settings together.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from service.catalog.artifact import LoadedCatalogue, load
from service.catalog.build import Progress, SimilarityTools, Tools, build
from service.catalog.read import read_source
from service.domain import Controls, Intent, Sampling
from service.engines.convert import NAME as MODEL_NAME
from service.engines.convert import ensure_model
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.tokenizer import ChatTokenizer
from service.errors import BadSettings, DamagedArtifact, EngineFailed
from service.pipeline.clock import Deadline
from service.pipeline.parts import Policy, Recommender
from service.ports import Decoding, Retriever
from service.prompts.recommend import recommend_prompt
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder
from service.retrieval.index import build_index, load_index, save_index
from service.retrieval.popularity import popularity_scores
from service.retrieval.similarity import Similarity
from service.settings import Settings
from service.steering.arrays import FloatArray
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan
from service.store.memory import MemoryStore
from service.telemetry.metrics import Metrics
from service.telemetry.observers import LogObserver, Observers

_AS_NAMED: Final[Mapping[str, str]] = MappingProxyType({})
WARM_UP_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened service."""

    catalogue: LoadedCatalogue
    store: MemoryStore
    metrics: Metrics
    recommender: Recommender

    async def ready(self) -> list[str]:
        """Why a request would not be served now; empty when it would."""
        engine = self.recommender.engine
        trouble = None if engine is None else await engine.trouble()
        return [] if trouble is None else [trouble]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """Open every part, and close what must be closed."""
    engine = _engine(settings)
    try:
        catalogue = _catalogue(settings, engine)
        parts = _parts(settings, catalogue, engine)
        if engine is not None:
            parts.recommender.pace.note(await _warm_up(engine, catalogue))
        yield parts
    finally:
        if engine is not None:
            await engine.close()


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
    """Read the input and build a catalogue for the embedded model; the version's folder."""

    def reading(done: int, total: int | None) -> None:
        progress("read", done, total or done)

    source = read_source(items, events, skip_bad=skip_bad, columns=columns, progress=reading)
    if source.skipped_count:
        _tell(f"left out {source.skipped_count} bad rows, the first: {source.skipped[0]}")
    if source.events.unknown_items:
        total = source.events.unknown_items + len(source.events)
        _tell(f"left out {source.events.unknown_items} of {total} events: their items are unknown")
    tools = Tools(
        tokenizer=ChatTokenizer(ensure_model(settings.cache.folder, _tell), MODEL_NAME),
        popularity=popularity_scores,
        similarity=_similarity_tools(settings) if settings.retrieval.similarity else None,
        max_k=settings.recommend.max_k,
    )
    return build(source, out, tools, progress)


def _similarity_tools(settings: Settings) -> SimilarityTools:
    def write_index(vectors: FloatArray, path: Path) -> None:
        save_index(build_index(vectors), path)

    return SimilarityTools(_encoder(settings), write_index)


def _encoder(settings: Settings) -> OnnxEncoder:
    return OnnxEncoder(ensure_encoder(settings.cache.folder, tell=_tell))


def _engine(settings: Settings) -> EmbeddedEngine | None:
    chosen = settings.engine
    if chosen.kind == "none":
        return None
    options = EmbeddedOptions(chosen.threads, chosen.workers, chosen.queue, chosen.context)
    return EmbeddedEngine(ensure_model(settings.cache.folder, _tell), options)


def _catalogue(settings: Settings, engine: EmbeddedEngine | None) -> LoadedCatalogue:
    path = settings.catalogue.path
    if path is None:
        message = "no catalogue is named"
        hint = (
            "Pass --catalogue DIR or set LISTWRIGHT_CATALOGUE__PATH; `listwright build` makes one."
        )
        raise BadSettings(message, hint=hint)
    tokenizer = engine.tokenizer if engine else None
    catalogue = load(path, tokenizer=tokenizer, verify=settings.catalogue.verify)
    lines = len(catalogue.frame.labels)
    if settings.recommend.max_k > lines:
        message = f"max_k is {settings.recommend.max_k}, but the catalogue numbers {lines} lines"
        raise BadSettings(message, hint="Build the catalogue again under this setting.")
    return catalogue


def _parts(settings: Settings, catalogue: LoadedCatalogue, engine: EmbeddedEngine | None) -> Parts:
    metrics = Metrics()
    metrics.serving(catalogue.version, catalogue.size)
    store = MemoryStore(catalogue.histories)
    wanted = settings.recommend
    recommender = Recommender(
        catalogue=catalogue,
        retrievers=_retrievers(settings, catalogue),
        engine=engine,
        store=store,
        observer=Observers((metrics, LogObserver())),
        policy=Policy(
            wanted.prior_weight, wanted.default_deadline_ms, settings.retrieval.candidates
        ),
    )
    return Parts(catalogue, store, metrics, recommender)


def _retrievers(settings: Settings, catalogue: LoadedCatalogue) -> tuple[Retriever, ...]:
    """Those that know the user or the wish; popularity is part of the pipeline itself."""
    if not settings.retrieval.similarity or catalogue.index_path is None:
        return ()
    encoder, built = _encoder(settings), catalogue.manifest.encoder
    if built is None or built.name != encoder.name:
        message = f"the catalogue was embedded with {built and built.name}, not {encoder.name}"
        raise DamagedArtifact(message)
    return (Similarity(catalogue, load_index(catalogue.index_path), encoder),)


async def _warm_up(engine: EmbeddedEngine, catalogue: LoadedCatalogue) -> Decoding:
    """Spell one item: computes the instruction's state, and fails here if anything would."""
    stock = Stock(catalogue.size, catalogue.postings, np.zeros(0, dtype=np.int64))
    plan = compile_plan(stock, Controls(), 1)
    one = Assignment(catalogue.lexicon, catalogue.frame, plan, catalogue.version)
    prompt = recommend_prompt((), Intent(), 1)
    made = await engine.spell(prompt, one, Sampling(), Deadline(WARM_UP_S), lambda _line: None)
    if made.stopped:
        message = f"the engine's first item was not spelled: {made.stopped}"
        raise EngineFailed(message)
    return made


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
