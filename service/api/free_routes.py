"""The route that shows what a model writes when nothing holds it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.auth import admitted, counted, holder_of
from service.api.free_schema import FreeAnswer, FreeBody
from service.api.parsing import parsed
from service.api.patience import Slots, while_waited_for
from service.api.service import Bounds, Service
from service.api.trace import facts_of_free, trace_of
from service.domain import RecommendRequest
from service.pipeline.freehand import freehand

AT_ONCE: Final = 2
"""Texts under way: they are for looking, and the model is there for lists."""


def free_routes(service: Service, bounds: Bounds, body: type[FreeBody], slots: Slots) -> APIRouter:
    """`POST /free`."""
    router = APIRouter()
    few = Slots(AT_ONCE)

    @router.post("/free", response_model=FreeAnswer, tags=["lists"])
    async def write_freely(request: Request) -> Response:
        """What the model writes when nothing holds it, judged; to compare with, not to show."""
        trace = trace_of(request.scope)

        async def read() -> RecommendRequest:
            asked = await parsed(request, body)
            return asked.to_domain(bounds, holder_of(request.scope).tenant)

        wanted, parts = await counted(request.scope, read()), service.recommender
        seconds = (wanted.deadline_ms or parts.policy.deadline_ms) / 1e3
        with few.one(), slots.one():
            work = freehand(parts, wanted, trace.request_id)
            made = await while_waited_for(request, admitted(request.scope, work, seconds))
        trace.facts |= facts_of_free(made)
        return as_json(FreeAnswer.of(made))

    return router
