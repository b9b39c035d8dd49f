"""The route by which a shop says what became of a list."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.auth import holder_of
from service.api.feedback_schema import FeedbackAnswer, FeedbackBody, refuse_strangers
from service.api.parsing import parsed
from service.api.service import Service
from service.api.trace import trace_of
from service.errors import NotFound


def feedback_routes(service: Service) -> APIRouter:
    """`POST /feedback`."""
    router = APIRouter(tags=["users"])

    @router.post("/feedback", response_model=FeedbackAnswer)
    async def learn(request: Request) -> Response:
        """Say which items of a list were seen, clicked or bought; each counts once."""
        body = await parsed(request, FeedbackBody)
        feedback, tenant = body.to_domain(), holder_of(request.scope).tenant
        exposure = await service.exposures.exposed(tenant, body.request_id)
        if exposure is None:
            raise NotFound(
                "no list of this request is remembered",
                hint="Lists are remembered for a week; the id is `request_id` of the answer.",
            )
        refuse_strangers(feedback, exposure)
        new = await service.exposures.learn(tenant, body.request_id, feedback)
        service.metrics.learnt(exposure, new)
        trace_of(request.scope).facts |= {"variant": exposure.variant, "feedback": len(new)}
        return as_json(
            FeedbackAnswer(new=len(new), known=len(feedback) - len(new), variant=exposure.variant)
        )

    return router
