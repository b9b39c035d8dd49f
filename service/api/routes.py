"""The routes: read the request, ask the service, show the answer."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from service.api.answer import as_json
from service.api.answers import (
    CatalogueAnswer,
    HealthAnswer,
    HomeAnswer,
    ItemAnswer,
    ItemsAnswer,
    ReadyAnswer,
)
from service.api.body import MAX_TEXT, no_nul
from service.api.catalogue_routes import catalogue_routes
from service.api.event_routes import event_routes
from service.api.feedback_routes import feedback_routes
from service.api.list_routes import list_routes
from service.api.patience import Slots
from service.api.question_routes import question_routes
from service.api.question_schema import AnswerBody
from service.api.readiness import Readiness
from service.api.schemas import RecommendBody
from service.api.service import Bounds, Service
from service.errors import NotFound

LEAVING: Final = "the service is ending, and takes no new work"

TOLD_WITHIN_S: Final = 1.5
"""How long `/readyz` waits for its parts; a balancer's probe waits for some seconds itself."""

NOT_HEARD: Final = "not all parts have said yet how they are"

ItemId = Annotated[
    str,
    Path(description="The item's id; it may contain slashes.", examples=["P00601"]),
    AfterValidator(no_nul),
]
Words = Annotated[
    str,
    Query(description="Words to look for.", examples=["trail jacket"], max_length=MAX_TEXT),
    AfterValidator(no_nul),
]
Limit = Annotated[int, Query(description="At most so many items.", examples=[5], ge=1, le=100)]


def routes(
    service: Service,
    bounds: Bounds,
    readiness: Readiness,
    body: type[RecommendBody],
    question: type[AnswerBody],
) -> APIRouter:
    """All routes over one opened service."""
    router = APIRouter()
    slots = Slots(bounds.max_concurrent)
    router.include_router(list_routes(service, bounds, body, slots))
    router.include_router(question_routes(service, bounds, question, slots))
    router.include_router(catalogue_routes(service))
    router.include_router(event_routes(service))
    router.include_router(feedback_routes(service))

    @router.get("/items/{item_id:path}", response_model=ItemAnswer, tags=["catalogue"])
    async def one_item(item_id: ItemId) -> Response:
        """One item of the catalogue."""
        row = int(service.catalogue.rows([item_id])[0])
        if row < 0:
            raise NotFound("the catalogue has no item of this id")
        return as_json(ItemAnswer.of(service.catalogue.item(row)))

    @router.get("/items", response_model=ItemsAnswer, tags=["catalogue"])
    def find_items(q: Words = "", limit: Limit = 20) -> Response:
        """Items whose titles fit the words."""
        shown = service.catalogue
        found = [shown.item(row) for row in shown.search(q, limit).tolist()]
        return as_json(ItemsAnswer(items=[ItemAnswer.of(item) for item in found]))

    @router.get("/catalogue", response_model=CatalogueAnswer, tags=["catalogue"])
    def catalogue() -> Response:
        """The catalogue that is served, with its categories."""
        return as_json(CatalogueAnswer.of(service.catalogue))

    @router.get(
        "/readyz",
        response_model=ReadyAnswer,
        responses={503: {"model": ReadyAnswer, "description": "The service is ending"}},
        tags=["operation"],
    )
    async def readyz() -> Response:
        """That requests are served, and what they have to do without.

        A service whose engine is away is ready: the ranker makes its lists, and similarity answers
        what has options. If it said otherwise, all gateways of one engine would be taken from the
        balancer at once.
        """
        if readiness.leaving:
            return as_json(ReadyAnswer(ready=False, degraded=[LEAVING]), status=503)
        return as_json(ReadyAnswer(ready=True, degraded=await _amiss(service)))

    @router.get("/metrics", response_class=Response, tags=["operation"])
    async def metrics() -> Response:
        """Counters and latencies for Prometheus."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(service.metrics.exposition(), media_type=kind)

    @router.get("/healthz", response_model=HealthAnswer, tags=["operation"])
    async def healthz() -> Response:
        """Whether the process runs; depends on nothing."""
        return as_json(HealthAnswer(status="alive"))

    @router.get("/", response_model=HomeAnswer, tags=["operation"])
    async def home() -> Response:
        """Where things are."""
        answer = HomeAnswer(service="listwright", version=version("listwright"), docs="/docs")
        return as_json(answer)

    return router


async def _amiss(service: Service) -> list[str]:
    """What has to be done without, told in time: who waits too long takes this for a dead one."""
    try:
        async with asyncio.timeout(TOLD_WITHIN_S):
            return await service.amiss()
    except TimeoutError:
        return [NOT_HEARD]
