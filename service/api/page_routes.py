"""What people see who open the service in a browser: the playground, or where things are."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.api.answer import as_json
from service.api.answers import HomeAnswer
from service.web.files import PageFiles

BELOW: Final = "/playground"
"""Under which the page's own files are."""


def show_home(app: FastAPI, *, playground: bool) -> None:
    """Serve `/`, and what the page there is made of."""
    if not playground:
        app.include_router(_told())
        return
    files = PageFiles()
    app.include_router(_shown(files))
    app.mount(BELOW, files)


def _shown(files: PageFiles) -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get(
        "/",
        response_class=HTMLResponse,
        responses={304: {"description": "The page has not changed"}},
    )
    async def page(request: Request) -> Response:
        """The playground: a page for people, to try lists and answers."""
        return files.page(request.scope)

    router.add_api_route("/", page, methods=["HEAD"], include_in_schema=False)
    router.add_api_route(BELOW, _to_it, methods=["GET", "HEAD"], include_in_schema=False)
    return router


async def _to_it() -> Response:
    """The way to the page, without a host: what a client names as one is not to be trusted."""
    return RedirectResponse("./")


def _told() -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get("/", response_model=HomeAnswer)
    async def home() -> Response:
        """Where things are."""
        answer = HomeAnswer(service="listwright", version=version("listwright"), docs="/docs")
        return as_json(answer)

    router.add_api_route("/", home, methods=["HEAD"], include_in_schema=False)
    return router
