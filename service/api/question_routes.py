"""The route that answers questions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.answered import QuestionAnswer
from service.api.auth import admitted, counted
from service.api.parsing import parsed
from service.api.patience import Slots, while_waited_for
from service.api.question_schema import AnswerBody
from service.api.service import Bounds, Service
from service.api.trace import facts_of_answer, trace_of
from service.pipeline.answer import answer
from service.question import AnswerRequest


def question_routes(
    service: Service, bounds: Bounds, body: type[AnswerBody], slots: Slots
) -> APIRouter:
    """`POST /answer`."""
    router = APIRouter()

    @router.post("/answer", response_model=QuestionAnswer, tags=["answers"])
    async def answer_question(request: Request) -> Response:
        """An answer that is one: an option, a permutation, a selection, spans, or a few words."""
        trace = trace_of(request.scope)

        async def read() -> AnswerRequest:
            return (await parsed(request, body)).to_domain(bounds)

        asked, parts = await counted(request.scope, read()), service.answerer
        seconds = (asked.deadline_ms or parts.policy.deadline_ms) / 1e3
        with slots.one():
            work = answer(parts, asked, trace.request_id)
            made = await while_waited_for(request, admitted(request.scope, work, seconds))
        trace.facts |= facts_of_answer(made)
        return as_json(QuestionAnswer.of(made))

    return router
