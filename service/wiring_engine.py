"""The composition root for models: which one decodes, with whose tokenizer, which one embeds."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.convert import NAME as MODEL_NAME
from service.engines.local.convert import ensure_model
from service.engines.local.convert_made import ensure_made
from service.engines.made_changed import Changed
from service.engines.made_model import CONFIG, MadeModel, bad, made_model
from service.engines.made_shapes import refuse_misfit
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.remote.upstream import Upstream
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.errors import BadSettings
from service.ports import Engine
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.export import ensure_encoder
from service.settings import MODELS, Settings, variable
from service.settings import Engine as EngineSettings

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


def own_model(settings: Settings) -> str | None:
    """The model that decodes where no variant names one; None for whichever a server has."""
    return settings.engine.model or next(iter(own_names(settings)), None)


def own_names(settings: Settings) -> tuple[str, ...]:
    """What an engine has without being told: the embedded one the small model."""
    return (MODEL_NAME,) if settings.engine.kind == "embedded" else ()


def made_models(settings: Settings) -> dict[str, MadeModel]:
    """The models in folders that the settings name; BadSettings where the engine takes none."""
    chosen = settings.engine
    folders = {label: folder for label, folder in chosen.models.items() if folder is not None}
    if (chosen.kind == "none" and chosen.models) or (chosen.kind == "openai" and folders):
        raise BadSettings(f"{MODELS}: an engine of kind {chosen.kind} loads no models")
    if chosen.kind == "embedded" and MODEL_NAME in chosen.models:
        raise bad(MODEL_NAME, "that is the small model's own name", hint="Call it otherwise.")
    if chosen.kind == "embedded" and len(folders) < len(chosen.models):
        label = next(label for label in chosen.models if label not in folders)
        raise bad(label, "there is no server that could have it, so it needs a folder")
    made = {label: made_model(label, folder) for label, folder in folders.items()}
    if chosen.kind == "vllm":
        tokenizer = tokenizer_of(settings).sha256
        for model in made.values():
            _refuse_unfit(model, tokenizer)
    return made


def engine_of(
    settings: Settings,
    model: str | None,
    made: Mapping[str, MadeModel],
    beside: Engine | None = None,
) -> Engine | None:
    """The engine that the settings name, with one of its models; `beside` is one that there is."""
    chosen = settings.engine
    upstream = beside.access.upstream if isinstance(beside, RemoteEngine) else None
    match chosen.kind:
        case "none":
            return None
        case "embedded":
            options = EmbeddedOptions(
                chosen.threads, chosen.workers, chosen.queue, chosen.context, chosen.kept
            )
            return EmbeddedEngine(_converted(settings, model, made), options)
        case "vllm":
            remote = _remote(chosen, model, made)
            return VllmEngine(tokenizer_of(settings), remote, upstream)
        case "openai":
            if chosen.tenant is not None:
                message = "an engine of kind openai keeps no tenants apart: its server has no salt"
                raise BadSettings(message, hint="Unset LISTWRIGHT_ENGINE__TENANT, or use vllm.")
            return OpenAiEngine(_remote(chosen, model, made), upstream)


def upstreams(engines: Mapping[str, Engine]) -> dict[str, Upstream]:
    """The servers behind some engines, each once, by the first that asks it."""
    found: dict[str, Upstream] = {}
    for name, engine in engines.items():
        if isinstance(engine, RemoteEngine) and engine.access.upstream not in found.values():
            found[name] = engine.access.upstream
    return found


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


def _converted(settings: Settings, model: str | None, made: Mapping[str, MadeModel]) -> Path:
    """The folder of the small model, or of one that was made, for the process to decode."""
    if model is None or model == MODEL_NAME:
        return ensure_model(settings.cache.folder, tell)
    if model not in made:
        has = ", ".join((*made, MODEL_NAME))
        raise BadSettings(
            f"{variable('engine', 'model')} is {model}, and the embedded engine has no such model",
            hint=f"{MODELS} names those that it may load. There are: {has}.",
        )
    return ensure_made(settings.cache.folder, made[model], tell)


def _refuse_unfit(made: MadeModel, tokenizer: str) -> None:
    """What can be seen from here of a model that a vLLM is to load."""
    if made.parent is None:
        raise bad(
            made.label,
            f"{made.folder} is a whole model, and a running vLLM loads adapters alone",
            hint="Start a vLLM with it as its --model, or name it null if this server has it.",
        )
    if made.tokenizer not in {None, tokenizer}:
        raise bad(made.label, "it was trained with another tokenizer than the served model's")
    if (made.parent / CONFIG).is_file():
        refuse_misfit(made, made.parent)


def _remote(
    chosen: EngineSettings, model: str | None, made: Mapping[str, MadeModel]
) -> RemoteOptions:
    if chosen.url is None:
        message = f"an engine of kind {chosen.kind} needs the address of its server"
        raise BadSettings(message, hint="Pass --engine-url URL or set LISTWRIGHT_ENGINE__URL.")
    loaded = made.get(model or "")
    return RemoteOptions(
        url=chosen.url,
        api_key=chosen.api_key.get_secret_value() if chosen.api_key else None,
        model=loaded.name if loaded else model,
        adapter=loaded.folder if loaded else None,
        changed=Changed(loaded) if loaded else _never,
        tenant=chosen.tenant.get_secret_value() if chosen.tenant else None,
        labels=chosen.labels,
        concurrent=chosen.concurrent,
        queue=chosen.queue,
        retries=chosen.retries,
        watched=chosen.watched,
    )


def _never() -> bool:
    """For what has no folder here."""
    return False
