"""The composition root for models: which one decodes, with whose tokenizer, which one embeds."""

from __future__ import annotations

import logging
import sys
from typing import Final

from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.convert import NAME as MODEL_NAME
from service.engines.local.convert import ensure_model
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.errors import BadSettings
from service.ports import Engine
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder
from service.settings import Engine as EngineSettings
from service.settings import Settings

LOG: Final = logging.getLogger("listwright.engine")


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
