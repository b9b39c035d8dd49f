"""The composition root for answers: who thinks, who compares, and how much each of them weighs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from service.domain import DEFAULT_VARIANT, Cot
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteOptions
from service.errors import BadSettings
from service.pipeline.answerer import Answerer, AnswerPolicy
from service.ports import Encoder, Engine, Observer, Writer
from service.settings import Settings
from service.store.cache import MemoryCache
from service.telemetry.observers import Observers
from service.wiring_engine import encoder_of
from service.wiring_variants import engines, opened_engines, troubles_of, with_others

PRIOR_WEIGHTS: Final[Mapping[str, float]] = {
    # A model this small chooses worse than the encoder does, so it may only lean on it.
    "embedded": 8.0,
    "vllm": 1.0,
    "openai": 1.0,
    "none": 1.0,
}
"""How much similarity weighs against the model, by the kind of engine."""

_REMOTE: Final = frozenset({"vllm", "openai"})


@asynccontextmanager
async def opened_sidecar(settings: Settings) -> AsyncIterator[OpenAiEngine | None]:
    """The sidecar, if one is named. One that is away is no reason not to start."""
    chosen = settings.sidecar
    if chosen.url is None:
        asked = "sidecar" in {settings.answer.cot, settings.recommend.cot}
        if asked or chosen.model or chosen.api_key:
            message = "a sidecar is spoken of in the settings, and none is named"
            raise BadSettings(message, hint="Set LISTWRIGHT_SIDECAR__URL.")
        yield None
        return
    options = RemoteOptions(
        url=chosen.url,
        api_key=chosen.api_key.get_secret_value() if chosen.api_key else None,
        model=chosen.model,
        concurrent=chosen.concurrent,
        queue=chosen.queue,
    )
    engine = OpenAiEngine(options)
    try:
        # Seen while the rest is opened, so that the first question need not wait for it.
        engine.watch.look()
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def opened_answerer(
    settings: Settings, observer: Observer | None = None
) -> AsyncIterator[Answerer]:
    """Open what answers questions; a catalogue is not needed for it.

    Without an observer nobody is told: each answer says itself how it came about.
    """
    async with opened_engines(settings) as served, opened_sidecar(settings) as sidecar:
        encoder = encoder_of(settings) if settings.retrieval.similarity else None
        # How a server stands decides how the first question is put to it.
        await troubles_of(engines(served))
        engine = served[DEFAULT_VARIANT].engine
        answerer = answerer_of(settings, engine, encoder, sidecar, observer or Observers(()))
        yield with_others(answerer, served)


def answerer_of(
    settings: Settings,
    engine: Engine | None,
    encoder: Encoder | None,
    sidecar: Writer | None,
    observer: Observer,
) -> Answerer:
    """What answers questions, made of parts that are open."""
    wanted, kind = settings.answer, settings.engine.kind
    weight = wanted.prior_weight
    return Answerer(
        engine=engine,
        sidecar=sidecar,
        encoder=encoder,
        cache=MemoryCache(),
        observer=observer,
        policy=AnswerPolicy(
            prior_weight=PRIOR_WEIGHTS[kind] if weight is None else weight,
            deadline_ms=settings.recommend.default_deadline_ms,
            similar=wanted.similar,
            cot=_thinker(settings),
            thought_words=wanted.thought_words,
        ),
    )


def _thinker(settings: Settings) -> Cot:
    """Who thinks. The model in the process is too small to be of help to itself."""
    asked = Cot(settings.answer.cot)
    if asked is not Cot.AUTO:
        return asked
    if settings.sidecar.url is not None:
        return Cot.SIDECAR
    return Cot.SELF if settings.engine.kind in _REMOTE else Cot.OFF
