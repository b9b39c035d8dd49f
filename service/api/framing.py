"""Requests whose end could be seen at two places: behind a proxy the rest would be another's.

That is a body declared both with a length and in chunks. All else that is ambiguous the parser
refuses: two lengths, two hosts, white space in names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.errors import AmbiguousLength, error_response
from service.api.trace import trace_of

BOTH: Final = frozenset({b"content-length", b"transfer-encoding"})
CLOSE: Final = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class Framed:
    """Refuses them."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if not _is_ambiguous(scope):
            await self.app(scope, receive, send)
            return
        trace = trace_of(scope)
        trace.error = AmbiguousLength("the body has a length and comes in chunks")
        await error_response(trace.error, trace.request_id)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class LastOfItsLine:
    """Hangs up after one, whoever answers it, so that nothing behind it is read."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), CLOSE]}
            await send(message)

        await self.app(scope, receive, closing if _is_ambiguous(scope) else send)


def _is_ambiguous(scope: Scope) -> bool:
    return scope["type"] == "http" and {name for name, _ in scope["headers"]} >= BOTH
