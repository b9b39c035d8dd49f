"""The page's files, as a browser takes them: asked for again each time, sent if they changed."""

from __future__ import annotations

from os import PathLike, stat_result
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).with_name("page")

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


class PageFiles(StaticFiles):
    """The files of a folder, and nothing outside it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(directory=folder)

    async def page(self, scope: Scope) -> Response:
        """The page itself."""
        return await self.get_response("index.html", scope)

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """A file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        headers: dict[str, Any] = {
            "cache-control": "no-cache",
            "content-security-policy": POLICY,
        }
        kind = KINDS.get(Path(full_path).suffix)
        if kind is not None and "content-type" in response.headers:
            headers["content-type"] = kind
        response.headers.update(headers)
        return response
