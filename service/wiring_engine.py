"""The composition root for models: which one decodes, with whose tokenizer, which one embeds."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np

from service.catalog.artifact import LoadedCatalogue
from service.domain import Controls, Intent
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.convert import NAME as MODEL_NAME
from service.engines.local.convert import ensure_model
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.errors import BadSettings, EngineError, EngineFailed
from service.pipeline.clock import Deadline
from service.ports import Decoding, Engine, Job
from service.prompts.choose import choose_prompt
from service.prompts.recommend import recommend_prompt
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder
from service.settings import Engine as EngineSettings
from service.settings import Settings
from service.steering.arrays import IntArray
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan

LOG: Final = logging.getLogger("listwright.engine")

WARM_UP_S: Final = 60.0

REMOTE_WARM_UP_S: Final = 10.0
"""A server that takes longer for one item is asked again by the first request."""


def tell(line: str) -> None:
    """Say what takes a while, on stderr."""
    sys.stderr.write(line + "\n")


def tokenizer_of(settings: Settings) -> ChatTokenizer:
    """The tokenizer that titles are spelled with: the named folder's, or the small model's."""
    folder = settings.engine.tokenizer
    if folder is None:
        return ChatTokenizer(ensure_model(settings.cache.folder, tell), MODEL_NAME)
    return ChatTokenizer(folder, folder.resolve().name)


def engine_of(settings: Settings) -> Engine | None:
    """The engine that the settings name."""
    chosen = settings.engine
    match chosen.kind:
        case "none":
            return None
        case "embedded":
            options = EmbeddedOptions(
                chosen.threads, chosen.workers, chosen.queue, chosen.context, chosen.kept
            )
            return EmbeddedEngine(ensure_model(settings.cache.folder, tell), options)
        case "vllm":
            remote = _remote(chosen)
            return VllmEngine(tokenizer_of(settings), remote)
        case "openai":
            if chosen.tenant is not None:
                message = "an engine of kind openai keeps no tenants apart: its server has no salt"
                raise BadSettings(message, hint="Unset LISTWRIGHT_ENGINE__TENANT, or use vllm.")
            return OpenAiEngine(_remote(chosen))


def encoder_of(settings: Settings) -> OnnxEncoder:
    """The sentence encoder; BadSettings where it is neither kept nor installed."""
    return OnnxEncoder(ensure_encoder(settings.cache.folder, tell=tell))


def tokenizer_under(engine: Engine | None) -> ChatTokenizer | None:
    """The tokenizer whose tokens an engine spells titles with; None if it spells none."""
    return engine.tokenizer if isinstance(engine, EmbeddedEngine | VllmEngine) else None


def in_words(engine: Engine | None) -> str:
    """Which model makes lists, and how, as far as that is known."""
    if engine is None:
        return "none, retrieval makes all lists"
    chooses = "chooses from numbered candidates" if engine.labels else "spells titles"
    return f"{engine.model} {chooses}"


async def warm_up(engine: Engine, catalogue: LoadedCatalogue) -> Decoding | None:
    """Spell one item: it computes what all prompts share, and tells how fast the engine is.

    An engine in the process that cannot is a start that failed. A server that cannot may be able
    to later: then nothing is known of its pace, and the log says what is wrong.
    """
    if isinstance(engine, RemoteEngine):
        return await _warm_remote(engine, catalogue)
    made = await _one_item(engine, catalogue, WARM_UP_S)
    if made.stopped:
        raise EngineFailed(f"the engine's first item was not spelled: {made.stopped}")
    return made


async def _warm_remote(engine: Engine, catalogue: LoadedCatalogue) -> Decoding | None:
    if not engine.labels:
        # This one may wait for the server to open the catalogue, or find it without the plugin.
        with suppress(EngineError):
            await _one_item(engine, catalogue, REMOTE_WARM_UP_S)
    try:
        return await _one_item(engine, catalogue, REMOTE_WARM_UP_S)
    except EngineError as error:
        LOG.warning("%s, when it was asked for its first item", error.message)
        return None


async def _one_item(engine: Engine, catalogue: LoadedCatalogue, seconds: float) -> Decoding:
    stock = Stock(catalogue.size, catalogue.postings, np.zeros(0, dtype=np.int64))
    plan = compile_plan(stock, Controls(), 1)
    one = Assignment(catalogue.lexicon, catalogue.frame, plan, catalogue.version)
    if not engine.labels:
        return await engine.spell(Job(recommend_prompt((), Intent(), 1), one, Deadline(seconds)))
    shown: IntArray = np.sort(catalogue.popular_rows[: engine.labels])
    titles = [catalogue.spelling(row) for row in shown.tolist()]
    prompt = choose_prompt((), Intent(), 1, titles)
    return await engine.spell(Job(prompt, replace(one, shown=shown), Deadline(seconds)))


def _remote(chosen: EngineSettings) -> RemoteOptions:
    if chosen.url is None:
        message = f"an engine of kind {chosen.kind} needs the address of its server"
        raise BadSettings(message, hint="Pass --engine-url URL or set LISTWRIGHT_ENGINE__URL.")
    return RemoteOptions(
        url=chosen.url,
        api_key=chosen.api_key.get_secret_value() if chosen.api_key else None,
        model=chosen.model,
        tenant=chosen.tenant.get_secret_value() if chosen.tenant else None,
        labels=chosen.labels,
        concurrent=chosen.concurrent,
        queue=chosen.queue,
    )
