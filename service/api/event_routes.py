"""The routes through which users are remembered, and forgotten."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator

from service.api.answer import as_json
from service.api.auth import holder_of
from service.api.body import MAX_NAME, no_nul
from service.api.event_schema import EventsAnswer, EventsBody, HistoryAnswer, MetItem
from service.api.parsing import parsed
from service.api.service import Service
from service.api.trace import trace_of
from service.domain import User

UserId = Annotated[
    str,
    Path(
        description="The user's id; it may contain slashes.",
        examples=["U00042"],
        max_length=MAX_NAME,
    ),
    AfterValidator(no_nul),
]


def event_routes(service: Service) -> APIRouter:
    """`POST /events` and `/users/{id}/history`."""
    router = APIRouter(tags=["users"])

    @router.post("/events", response_model=EventsAnswer)
    async def record(request: Request) -> Response:
        """Remember what users met; once this is answered it is kept, and may be sent again."""
        events = (await parsed(request, EventsBody)).to_domain(_tenant(request))
        recorded = await service.store.record(events)
        rows = service.catalogue.rows([event.item_id for event in events])
        trace_of(request.scope).facts |= {"events": len(events), "new": recorded.new}
        service.metrics.recorded(recorded)
        return as_json(EventsAnswer.of(recorded, int((rows < 0).sum())))

    @router.get("/users/{user_id:path}/history", response_model=HistoryAnswer)
    async def history(request: Request, user_id: UserId) -> Response:
        """What is remembered of a user."""
        catalogue = service.catalogue
        ids = await service.store.history(User(user_id, _tenant(request)))
        rows = catalogue.rows(ids).tolist()
        items = [
            MetItem.of(item_id, catalogue.item(row) if row >= 0 else None)
            for item_id, row in zip(ids, rows, strict=True)
        ]
        return as_json(HistoryAnswer(user_id=user_id, items=items))

    @router.delete("/users/{user_id:path}/history", status_code=204)
    async def forget(request: Request, user_id: UserId) -> Response:
        """Forget what came in of a user; what the catalogue was built with leaves with the next."""
        await service.store.forget(User(user_id, _tenant(request)))
        return Response(status_code=204)

    return router


def _tenant(request: Request) -> str:
    return holder_of(request.scope).tenant
