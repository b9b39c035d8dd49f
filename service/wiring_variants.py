"""The composition root for variants: which models are opened, once each, and what asks them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from service.domain import DEFAULT_VARIANT, Variant
from service.engines.embedded import EmbeddedEngine
from service.errors import BadSettings
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender
from service.ports import Engine
from service.settings import MODELS, VARIANTS, Settings
from service.settings import Variant as VariantSettings
from service.wiring_engine import engine_of, made_models, own_model, own_names

P = TypeVar("P", Recommender, Answerer)


@dataclass(frozen=True, slots=True)
class Served:
    """A variant and who decodes for it."""

    variant: Variant
    engine: Engine | None


@asynccontextmanager
async def opened_engines(settings: Settings) -> AsyncIterator[Mapping[str, Served]]:
    """The variants by name, the default first; two that name one model share its engine."""
    named = _variants(settings)
    made = made_models(settings)
    opened: dict[str | None, Engine | None] = {}
    served: dict[str, Served] = {}
    try:
        for label, terms in named.items():
            model = terms.model or own_model(settings)
            if model not in opened:
                first = next(iter(opened.values()), None)
                opened[model] = engine_of(settings, model, made, beside=first)
                _refuse_other_tokenizer(label, opened[model], first)
            variant = Variant(label, terms.strategy, terms.prior_weight, terms.share, terms.role)
            served[label] = Served(variant, opened[model])
        yield served
    finally:
        for engine in opened.values():
            if engine is not None:
                await engine.close()


def with_others(parts: P, served: Mapping[str, Served]) -> P:
    """The parts of the default variant, which know those of all others.

    What was noted of an engine's pace is noted for all variants that it decodes for.
    """
    first = replace(parts, variant=served[DEFAULT_VARIANT].variant)
    by_engine = {id(first.engine): first}
    others: dict[str, P] = {}
    for label, each in served.items():
        if label != DEFAULT_VARIANT:
            alike = by_engine.setdefault(id(each.engine), _anew(first, each.engine))
            others[label] = replace(alike, variant=each.variant)
    return replace(first, others=others)


def engines(served: Mapping[str, Served]) -> dict[str, Engine]:
    """Each engine once, under what it is called where troubles are told."""
    found: dict[str, Engine] = {}
    for label, each in served.items():
        if each.engine is not None and each.engine not in found.values():
            found["engine" if label == DEFAULT_VARIANT else f"engine of {label}"] = each.engine
    return found


def one_each(parts: Recommender) -> Iterator[tuple[Engine, Recommender]]:
    """Each engine once, with parts that it makes lists in."""
    seen: list[Engine] = []
    for each in (parts, *parts.others.values()):
        if each.engine is not None and each.engine not in seen:
            seen.append(each.engine)
            yield each.engine, each


async def troubles_of(asked: Mapping[str, Engine]) -> dict[str, str]:
    """Why some cannot be had now."""
    told = await asyncio.gather(*(engine.trouble() for engine in asked.values()))
    return {name: why for name, why in zip(asked, told, strict=True) if why is not None}


def _anew(parts: P, engine: Engine | None) -> P:
    """The same parts with another engine, of whose pace nothing is known."""
    pace = type(parts.pace)()
    if isinstance(parts, Recommender):
        return replace(parts, engine=engine, pace=pace, rank_pace=type(pace)())
    return replace(parts, engine=engine, pace=pace)


def _variants(settings: Settings) -> dict[str, VariantSettings]:
    """As they are set, the default first; BadSettings where one names a model that is not set."""
    unnamed = VariantSettings.model_construct()
    named = {DEFAULT_VARIANT: unnamed} | settings.variants
    known = {*settings.engine.models, own_model(settings), *own_names(settings)}
    for label, terms in settings.variants.items():
        if terms.model is not None and settings.engine.kind == "none":
            raise BadSettings(f"{VARIANTS}: {label} names a model, and there is no engine")
        if terms.model is not None and terms.model not in known:
            has = ", ".join(sorted(filter(None, known))) or "none"
            raise BadSettings(
                f"{VARIANTS}: {label} names the model {terms.model}, which {MODELS} does not have",
                hint=f"There are: {has}. What the server calls so itself is named null there.",
            )
    return named


def _refuse_other_tokenizer(label: str, engine: Engine | None, first: Engine | None) -> None:
    """One catalogue is spelled for all of them."""
    if not (isinstance(engine, EmbeddedEngine) and isinstance(first, EmbeddedEngine)):
        return
    if engine.tokenizer.sha256 != first.tokenizer.sha256:
        raise BadSettings(
            f"{VARIANTS}: the model of {label}, {engine.model}, has another tokenizer than"
            f" {first.model}, and a catalogue is spelled in the tokens of one",
            hint="Serve it by a service of its own, with a catalogue built for it.",
        )
