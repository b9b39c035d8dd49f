"""What was measured of the lists that could be made for a request, and what follows from it."""

from __future__ import annotations

from service.domain import Strategy
from service.pipeline.brief import Brief
from service.pipeline.parts import Recommender
from service.tuning import RETRIEVERS_ALONE, Measured


def measured(parts: Recommender, brief: Brief, strategy: Strategy) -> Measured | None:
    """How good lists of this strategy were, made by the engine that there is, if that is known."""
    with_model = strategy is not Strategy.RETRIEVE and parts.engine is not None
    model = parts.engine.model if with_model and parts.engine else RETRIEVERS_ALONE
    intent = brief.request.intent
    words = bool(intent.query.strip() or intent.text.strip())
    return parts.tuning().of(model, strategy, words=words)


def weight_of(parts: Recommender, brief: Brief, strategy: Strategy) -> float:
    """How much the prior weighs against the model: as asked, as measured, or as set."""
    if brief.request.prior_weight is not None:
        return brief.request.prior_weight
    known = None if strategy is Strategy.RETRIEVE else measured(parts, brief, strategy)
    return parts.policy.prior_weight if known is None else known.prior_weight
