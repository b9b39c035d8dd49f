"""A request inside a request: a tool's call takes the very road that its HTTP route is.

The key was judged and counted on the way in. What was found out then travels with the scope: who
asks, that they were counted, and under which id all of it is logged. So nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

OK: Final = 200

OUTER: Final = frozenset({"endpoint", "fastapi.telemetry", "path_params", "route"})
"""What a router notes of a request. Its span is named by the route, and that is the outer one."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a route."""

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What it answered."""

    status: int
    body: bytes
    retry_after: int | None = None
    """Seconds after which to ask again, where it says so."""


async def led_to(app: ASGIApp, outer: Request, call: Call) -> Reply:
    """What the route answers; it hears of it when the client of the outer request hangs up."""
    begun = False
    status, headers, body = 0, Headers(), bytearray()

    async def receive() -> Message:
        nonlocal begun
        if begun:
            return await outer.receive()
        begun = True
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], Headers(raw=message["headers"])
        body.extend(message.get("body", b""))

    await app(_scope(outer.scope, call), receive, send)
    return reply_of(status, headers, bytes(body))


def reply_of(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """An answer of our own, as far as an agent hears of it."""
    seconds = headers.get("retry-after")
    return Reply(status, body, None if seconds is None else int(seconds))


def _scope(outer: Scope, call: Call) -> Scope:
    kept = {name: outer[name] for name in outer.keys() - OUTER}
    return kept | {
        "method": call.method,
        "path": call.path,
        "raw_path": call.path.encode(),
        "query_string": call.query,
        "headers": [(b"content-type", b"application/json")],
    }
