"""The page's files, as a browser takes them: asked for again each time, sent if they changed."""

from __future__ import annotations

from os import PathLike, curdir, stat_result
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER: Final = Path(__file__).with_name("page")

PAGE: Final = "index.html"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none';"
    " base-uri 'none'"
)
"""What the page may load: its own files, and answers of this service. It sends no form anywhere,
and what is written into it by whoever wrote a title is no script."""

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""What each kind of file is, whatever the machine holds it for: a browser that is told otherwise
runs no module."""


class Whole(FileResponse):
    """A file that is sent whole, whatever part of it is asked for: it is small."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


class PageFiles(StaticFiles):
    """The files of a folder, and nothing outside it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(directory=folder)

    async def page(self, scope: Scope) -> Response:
        """The page itself."""
        return await super().get_response(PAGE, scope)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; the page, which loads what is below it, is one level up."""
        if path in {PAGE, curdir}:
            return RedirectResponse("../")
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """A file, or that it has not changed."""
        response: Response = Whole(full_path, status_code, stat_result=stat_result)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            response = NotModifiedResponse(response.headers)
        headers: dict[str, Any] = {
            "accept-ranges": "none",
            "cache-control": "no-cache",
            "content-security-policy": POLICY,
        }
        kind = KINDS.get(Path(full_path).suffix)
        if kind is not None and "content-type" in response.headers:
            headers["content-type"] = kind
        response.headers.update(headers)
        return response
