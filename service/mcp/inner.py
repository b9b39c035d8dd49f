"""A request inside a request: a tool's call takes the very road that its HTTP route is.

The key was judged and counted on the way in. What was found out then travels with the scope: who
asks, that they were counted, and under which id all of it is logged. So nothing is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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


async def led_to(app: ASGIApp, outer: Request, call: Call) -> Reply:
    """What the route answers; it hears of it when the client of the outer request hangs up."""
    begun = False
    status, body = 0, bytearray()

    async def receive() -> Message:
        nonlocal begun
        if begun:
            return await outer.receive()
        begun = True
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        body.extend(message.get("body", b""))

    await app(_scope(outer.scope, call), receive, send)
    return Reply(status, bytes(body))


def _scope(outer: Scope, call: Call) -> Scope:
    kept = {name: outer[name] for name in outer.keys() - OUTER}
    return kept | {
        "method": call.method,
        "path": call.path,
        "raw_path": call.path.encode(),
        "query_string": call.query,
        "headers": [(b"content-type", b"application/json")],
    }
