"""The route by which a shop says what became of a list."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.auth import holder_of
from service.api.feedback_schema import FeedbackAnswer, FeedbackBody, attributed
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
        exposures = await service.exposures.exposed(tenant, body.request_id)
        if not exposures:
            raise _forgotten()
        about = attributed(feedback, exposures)
        new = await service.exposures.learn(tenant, body.request_id, feedback)
        if new is None:
            # They went between the two: a full Redis makes room.
            raise _forgotten()
        for exposure in exposures:
            service.metrics.learnt(exposure, [each for each in new if about[each] is exposure])
        variant = about[feedback[0]].variant
        trace_of(request.scope).facts |= {"variant": variant, "feedback": len(new)}
        known = len(feedback) - len(new)
        return as_json(FeedbackAnswer(new=len(new), known=known, variant=variant))

    return router


def _forgotten() -> NotFound:
    return NotFound(
        "no list of this request is remembered",
        hint="Lists are remembered for a week; the id is `request_id` of the answer.",
    )
