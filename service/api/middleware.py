"""What surrounds every request, as plain ASGI: nothing is buffered, nothing is wrapped twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.auth import admission_of
from service.api.errors import INTERNAL, error_response
from service.api.service import RequestMetrics
from service.api.trace import Trace, begin, route_of, trace_of
from service.errors import ListwrightError, TooLarge

LOG: Final = logging.getLogger("listwright.request")


@dataclass(frozen=True, slots=True)
class Traced:
    """Gives a request its id, counts and logs it, and answers what nothing else has caught."""

    app: ASGIApp
    metrics: RequestMetrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace, began = begin(scope), time.perf_counter()
        route = route_of(scope)
        self.metrics.began(route)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.answered, trace.status = True, message["status"]
                named = (b"x-request-id", trace.request_id.encode("ascii"))
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            LOG.exception("unexpected", extra={"fields": {"request_id": trace.request_id}})
            if not trace.answered:
                await error_response(INTERNAL, trace.request_id)(scope, receive, noting)
        finally:
            self.metrics.ended(route)
            self._account(scope, trace, route, time.perf_counter() - began)

    def _account(self, scope: Scope, trace: Trace, route: str, seconds: float) -> None:
        self.metrics.requested(route, trace.outcome, seconds)
        if trace.error is not None and trace.error.shed is not None:
            self.metrics.shed(trace.error.shed)
        fields = {
            "request_id": trace.request_id,
            "method": scope["method"],
            "route": route,
            "status": trace.outcome,
            "ms": round(seconds * 1e3, 1),
            **({"error": trace.error.code} if trace.error else {}),
            **trace.facts,
        }
        LOG.info("request", extra={"fields": fields})


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Stops reading a body at the limit, whether or not its length was declared."""

    app: ASGIApp
    limit: int
    narrower: Mapping[str, int]
    """Those of some paths."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.narrower.get(scope["path"], self.limit)
        if _declared(scope) > limit:
            await self._refuse(limit, scope, receive, send)
            return
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counting, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Unread; it counts as any other that its key has asked."""
        trace = trace_of(scope)
        try:
            await admission_of(scope).granted()
            trace.error = _too_large(limit)
        except ListwrightError as limited:
            trace.error = limited
        await error_response(trace.error, trace.request_id)(scope, receive, send)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than the {limit:,} bytes that are read")


def _declared(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in lengths if value.isdigit()), default=0)
