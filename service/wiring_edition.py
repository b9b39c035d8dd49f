"""The composition root for an edition: a version of the catalogue, and all that goes with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from service.catalog.artifact import LoadedCatalogue, load
from service.domain import DEFAULT_VARIANT, Cot
from service.errors import BadSettings, DamagedArtifact
from service.pipeline.blend import is_part
from service.pipeline.parts import Policy, Recommender
from service.ports import Encoder, Engine, Looked, Observer, Retriever, Writer
from service.retrieval.encoder_cache import CachedEncoder
from service.retrieval.index import load_index
from service.retrieval.mentions import Mentions
from service.retrieval.ranker import ranker_root
from service.retrieval.ranker_watch import RankerWatch
from service.retrieval.sasrec import SasRec
from service.retrieval.search import Search
from service.retrieval.similarity import Similarity
from service.retrieval.vectors import Vectors
from service.settings import Settings
from service.store.seeded import SeededHistories
from service.tuning import Tuning
from service.wiring_editions import Edition
from service.wiring_engine import encoder_of, tokenizer_under
from service.wiring_store import Stores
from service.wiring_variants import Served, one_each, with_others
from service.wiring_warmup import warm_up

LOG: Final = logging.getLogger("listwright.service")

RANKED_HERE: Final = 10
RANKED_THERE: Final = 50
"""Candidates that the model weighs where nothing is set: in the process it reads slowly."""


@dataclass(slots=True)
class Printer:
    """Makes editions out of what is open whatever the catalogue."""

    settings: Settings
    served: Mapping[str, Served]
    stores: Stores
    observer: Observer
    sidecar: Writer | None = None
    encoder: Encoder | None = field(default=None, init=False)
    """Opened with the first edition."""

    async def edition(self, path: Path) -> Edition:
        """Open the version that a path means, and ask the engines about it."""
        catalogue = await asyncio.to_thread(_catalogue, self.settings, path, self._engine)
        if self.encoder is None:
            self.encoder = _encoder(self.settings, catalogue, self.observer)
        edition = await asyncio.to_thread(self._opened, catalogue)
        for engine, recommender in one_each(edition.recommender):
            await warm_up(engine, recommender)
        return edition

    @property
    def _engine(self) -> Engine | None:
        return self.served[DEFAULT_VARIANT].engine

    def _opened(self, catalogue: LoadedCatalogue) -> Edition:
        ranker = _ranker(self.settings, catalogue)
        store = SeededHistories(
            catalogue.histories, self.stores.histories, self.settings.catalogue.tenant
        )
        recommender = Recommender(
            catalogue=catalogue,
            retrievers=_retrievers(catalogue, self.encoder, ranker),
            engine=self._engine,
            store=store,
            observer=self.observer,
            policy=_policy(self.settings),
            tuning=Tuning if ranker is None else ranker.tuning,
            ranker=(lambda: None) if ranker is None else ranker.version,
            cache=self.stores.cache if self.settings.store.lists_seconds else None,
            sidecar=self.sidecar,
            thoughts=self.stores.cache if self.settings.store.lists_seconds else None,
            exposures=self.stores.exposures,
        )
        return Edition(catalogue, with_others(recommender, self.served), store, ranker)


def _catalogue(settings: Settings, path: Path, engine: Engine | None) -> LoadedCatalogue:
    catalogue = load(path, tokenizer=tokenizer_under(engine), verify=settings.catalogue.verify)
    lines = len(catalogue.frame.labels)
    if settings.recommend.max_k > lines:
        message = f"max_k is {settings.recommend.max_k}, but the catalogue numbers {lines} lines"
        raise BadSettings(message, hint="Build the catalogue again under this setting.")
    return catalogue


def _policy(settings: Settings) -> Policy:
    ranked = settings.retrieval.ranked
    return Policy(
        prior_weight=settings.recommend.prior_weight,
        wish_weight=settings.recommend.wish_weight,
        cot=Cot(settings.recommend.cot),
        thought_words=settings.answer.thought_words,
        deadline_ms=settings.recommend.default_deadline_ms,
        candidates=settings.retrieval.candidates,
        kept_seconds=settings.store.lists_seconds,
        ranked=ranked or (RANKED_HERE if settings.engine.kind == "embedded" else RANKED_THERE),
    )


def _ranker(settings: Settings, catalogue: LoadedCatalogue) -> RankerWatch | None:
    """The ranker beside the catalogue; it may come later."""
    if not settings.retrieval.sasrec:
        return None
    return RankerWatch(ranker_root(catalogue.folder), catalogue, speaks=is_part)


def _encoder(settings: Settings, catalogue: LoadedCatalogue, observer: Observer) -> Encoder | None:
    if not settings.retrieval.similarity:
        return None
    try:
        return CachedEncoder(encoder_of(settings), partial(_looked_up, observer))
    except BadSettings as error:
        if catalogue.index_path is not None:
            raise
        # Whoever builds without similarity may well serve where there is no encoder.
        LOG.warning("questions are answered without similarity: %s", error.message)
        return None


def _looked_up(observer: Observer, found: bool) -> None:  # noqa: FBT001 - a cache calls it
    observer.looked_up("embeddings", Looked.HIT if found else Looked.MISS)


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
