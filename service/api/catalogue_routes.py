"""The routes by which an administrator changes which catalogue is served."""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import APIRouter, Request, Response
from pydantic import Field

from service.api.answer import as_json
from service.api.answers import CatalogueAnswer
from service.api.body import Body, Name
from service.api.errors import NotSwitched
from service.api.parsing import parsed
from service.api.service import Edition, Service
from service.api.trace import trace_of
from service.errors import BadCatalogue, BadSettings, EngineError


class ReloadBody(Body):
    """Which catalogue is to be served."""

    version: Name | None = Field(
        default=None,
        description="A version beside the one served; left out: the one that was built last.",
        examples=["c3e5ea93466dd"],
    )


def catalogue_routes(service: Service) -> APIRouter:
    """`POST /catalogue/reload` and `/catalogue/rollback`."""
    router = APIRouter(tags=["catalogue"])

    @router.post("/catalogue/reload", response_model=CatalogueAnswer)
    async def reload(request: Request) -> Response:
        """Serve another version from the next request on; needs an administrator's key."""
        body = await parsed(request, ReloadBody)
        return await _switched(request, service.editions.reload(body.version))

    @router.post("/catalogue/rollback", response_model=CatalogueAnswer)
    async def rollback(request: Request) -> Response:
        """Serve the version that was served before; needs an administrator's key."""
        return await _switched(request, service.editions.rollback())

    return router


async def _switched(request: Request, work: Awaitable[Edition]) -> Response:
    try:
        edition = await work
    except (BadCatalogue, BadSettings, EngineError) as error:
        # The one that is served goes on: nothing here is broken but what was to come.
        raise NotSwitched(
            f"the catalogue served goes on: {error.message}", hint=error.hint
        ) from error
    trace_of(request.scope).facts |= {"catalogue": edition.catalogue.version}
    return as_json(CatalogueAnswer.of(edition.catalogue))
