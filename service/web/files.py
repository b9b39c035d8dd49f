"""The page's files, as a browser takes them: asked for again each time, sent if they changed.

They are read when the service starts. One that is edited is read again, so that who works on the
page sees it at once.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from service.web.light import light_script, light_style

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

LIGHTER: Final = {".js": light_script, ".css": light_style}
"""What is taken out of a file that is there only for who reads its source."""

_REFUSED: Final = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


@dataclass(frozen=True)
class Sent:
    """A file as it is sent in one coding."""

    body: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, body: bytes, kind: str, tag: str, coding: str | None = None) -> Sent:
        """With what a browser has to know of it."""
        headers = {
            "accept-ranges": "none",
            "cache-control": "no-cache",
            "content-security-policy": POLICY,
            "content-length": str(len(body)),
            "content-type": kind,
            "etag": f'"{tag}"' if coding is None else f'"{tag}-{coding}"',
            "vary": "Accept-Encoding",
        }
        return cls(body, headers if coding is None else headers | {"content-encoding": coding})

    def answer(self, asked: Headers, method: str) -> Response:
        """All of it, whatever part of it is asked for: it is small. Or that it is the same."""
        known = ",".join(asked.getlist("if-none-match"))
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        if tags & {"*", self.headers["etag"]}:
            told = {n: v for n, v in self.headers.items() if not n.startswith("content-")}
            return Response(status_code=304, headers=told | {"content-security-policy": POLICY})
        return Response(b"" if method == "HEAD" else self.body, headers=self.headers)


@dataclass(frozen=True)
class Read:
    """A file as it was when it was read: plain, and compressed where that is shorter."""

    stamp: tuple[int, int]
    plain: Sent
    packed: Sent

    @classmethod
    def of(cls, path: Path) -> Read:
        """As it is now."""
        stamp = stamp_of(path)
        body = path.read_bytes()
        if lighter := LIGHTER.get(path.suffix):
            body = lighter(body.decode()).encode()
        kind = KINDS.get(path.suffix, "application/octet-stream")
        sent = partial(Sent.of, kind=kind, tag=sha256(body).hexdigest()[:24])
        packed = gzip.compress(body, mtime=0)
        plain = sent(body)
        return cls(stamp, plain, sent(packed, coding="gzip") if len(packed) < len(body) else plain)


def stamp_of(path: Path) -> tuple[int, int]:
    """What changes when a file is written."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


class PageFiles:
    """The files of a folder by their exact names, and nothing outside it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        inside = folder.resolve()
        self._paths = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file() and path.resolve().is_relative_to(inside)
        }
        self._read = {name: Read.of(path) for name, path in self._paths.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is below where this is mounted."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        await self._below(path.removeprefix("/"), scope)(scope, receive, send)

    def page(self, scope: Scope) -> Response:
        """The page itself."""
        return self._sent(PAGE, scope)

    def _below(self, name: str, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if name in {PAGE, ""}:
            # The page, which loads what is below it, is one level up.
            return RedirectResponse("../")
        if name not in self._paths:
            raise HTTPException(404)
        return self._sent(name, scope)

    def _sent(self, name: str, scope: Scope) -> Response:
        asked, read = Headers(scope=scope), self._current(name)
        coded = read.packed if takes_gzip(asked) else read.plain
        return coded.answer(asked, scope["method"])

    def _current(self, name: str) -> Read:
        """As it is now; one that was taken away since is sent as it was."""
        path, known = self._paths[name], self._read[name]
        try:
            if stamp_of(path) != known.stamp:
                self._read[name] = Read.of(path)
        except OSError:
            return known
        return self._read[name]


def takes_gzip(asked: Headers) -> bool:
    """Whether a client can read what is compressed."""
    for part in ",".join(asked.getlist("accept-encoding")).lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False
