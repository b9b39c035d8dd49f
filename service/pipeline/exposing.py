"""What was handed out is remembered, so that feedback can be told apart by how it was made."""

from __future__ import annotations

from service.domain import Exposure, Recommendation, RecommendRequest
from service.errors import StoreUnavailable
from service.pipeline.in_time import in_time
from service.pipeline.parts import Recommender
from service.ports import Deadline


async def expose(
    parts: Recommender, request: RecommendRequest, made: Recommendation, deadline: Deadline
) -> None:
    """Remember a list; where that cannot be done, nothing can be said of it later."""
    if parts.exposures is None:
        return
    receipt = made.receipt
    exposure = Exposure(
        variant=receipt.variant,
        strategy=receipt.strategy,
        path=receipt.path,
        model=receipt.model,
        prompt=receipt.prompt,
        items=tuple(line.item.id for line in made.items),
    )
    try:
        work = parts.exposures.expose(request.tenant, made.request_id, exposure)
        await in_time(work, deadline.remaining())
    except StoreUnavailable as error:
        parts.observer.left_out("exposure", error)
