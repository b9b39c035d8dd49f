"""Variants: ways to serve that stand side by side under names, and which one serves a request."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from service.domain import RecommendRequest, Strategy
from service.errors import UnknownVariant
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender

P = TypeVar("P", Recommender, Answerer)


def serving(parts: P, asked: str | None) -> P:
    """What serves a request: the variant that it names, or the one that was asked itself."""
    if asked is None or asked == parts.variant.name:
        return parts
    found = parts.others.get(asked)
    if found is None:
        names = ", ".join(sorted({parts.variant.name, *parts.others}))
        raise UnknownVariant(
            f"there is no variant {asked!r}", hint=f"There are: {names}. Leave it out for any."
        )
    return found


def on_terms(parts: Recommender, request: RecommendRequest) -> RecommendRequest:
    """The request, with what its variant says wherever it says nothing itself."""
    terms, asked, weight = parts.variant, request.strategy, request.prior_weight
    return replace(
        request,
        strategy=terms.strategy if asked is Strategy.AUTO else asked,
        prior_weight=terms.prior_weight if weight is None else weight,
    )
