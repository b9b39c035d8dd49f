"""What was measured of the lists that could be made for a request, and what follows from it."""

from __future__ import annotations

from service.domain import Strategy
from service.pipeline.brief import Brief
from service.pipeline.parts import Recommender
from service.tuning import Measured


def measured(parts: Recommender, brief: Brief, strategy: Strategy) -> Measured | None:
    """How good the engine's lists by a strategy were in such a situation, if that is known."""
    if parts.engine is None:
        return None
    return brief.tuning.of(parts.engine.model, strategy, brief.situation)


def weight_of(parts: Recommender, brief: Brief, strategy: Strategy) -> float:
    """How much the prior weighs against the model: as asked, as measured, or as set."""
    if brief.request.prior_weight is not None:
        return brief.request.prior_weight
    known = measured(parts, brief, strategy)
    return parts.policy.prior_weight if known is None else known.prior_weight
