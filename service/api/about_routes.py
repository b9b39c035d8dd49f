"""The routes by which a page finds out what it can ask, and for whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.api.about_schema import AboutAnswer, UsersAnswer
from service.api.answer import as_json
from service.api.auth import holder_of
from service.api.service import Bounds, Service

Limit = Annotated[int, Query(description="At most so many users.", examples=[5], ge=1, le=100)]


def about_routes(service: Service, bounds: Bounds) -> APIRouter:
    """`GET /about`, and `GET /users` where the playground is served."""
    router = APIRouter()

    @router.get("/about", response_model=AboutAnswer, tags=["operation"])
    async def about() -> Response:
        """What the service is made of, and what it can be asked for."""
        return as_json(AboutAnswer.of(service, bounds))

    if bounds.playground:

        @router.get("/users", response_model=UsersAnswer, tags=["users"])
        def users(request: Request, limit: Limit = 20) -> Response:
            """Some users whom the catalogue knows, to try lists for; always the same ones."""
            tenant = holder_of(request.scope).tenant
            return as_json(UsersAnswer.of(service.store.known(tenant, limit)))

    return router
