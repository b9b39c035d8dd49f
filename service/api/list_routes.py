"""The routes that make lists."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from service.api.answer import as_json
from service.api.auth import admitted, counted, holder_of
from service.api.lists import RecommendAnswer
from service.api.parsing import parsed
from service.api.patience import Slots, while_waited_for
from service.api.schemas import RecommendBody
from service.api.service import Bounds, Service
from service.api.stream import ListStream
from service.api.trace import facts_of, trace_of
from service.domain import Recommendation, RecommendRequest
from service.pipeline.galley import Show
from service.pipeline.recommend import nobody, recommend

STREAMED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: item\ndata: {"id": "P00601", ...}\n\n'
                'event: answer\ndata: {"request_id": "4f1c", "items": [...], ...}\n\n',
            }
        },
        "description": "The list. With `stream`, server-sent events: `item` for each line the "
        "moment it is final, then `answer`, the whole of it; `error` if it breaks off.",
    }
}


def list_routes(
    service: Service, bounds: Bounds, body: type[RecommendBody], slots: Slots
) -> APIRouter:
    """`POST /recommend`, whole or as a stream."""
    router = APIRouter()

    @router.post("/recommend", response_model=RecommendAnswer, responses=STREAMED, tags=["lists"])
    async def recommend_list(request: Request) -> Response:
        """A list of exactly `k` items that exist, repeat nothing and obey every control."""
        trace = trace_of(request.scope)

        async def read() -> tuple[RecommendBody, RecommendRequest]:
            asked = await parsed(request, body)
            return asked, asked.to_domain(bounds, holder_of(request.scope).tenant)

        asked, wanted = await counted(request.scope, read())

        async def make(show: Show = nobody) -> Recommendation:
            parts = service.recommender
            seconds = (wanted.deadline_ms or parts.policy.deadline_ms) / 1e3
            work = recommend(parts, wanted, trace.request_id, show)
            return await admitted(request.scope, work, seconds)

        if asked.stream:
            return ListStream(request, make, slots, trace)
        with slots.one():
            made = await while_waited_for(request, make())
        trace.facts |= facts_of(made)
        return as_json(RecommendAnswer.of(made))

    return router
