"""What a request's span tells: which road it took, and nothing of who asked for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.refusal import ALWAYS
from service.api.roads import road_to

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


def telemetry(provider: TracerProvider | None) -> TelemetryConfig:
    """What the framework is to make. It would look for somebody who listens at every request."""
    return {
        "tracing": provider is not None,
        "tracer_provider": provider,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        "exclude": _is_watching,
    }


class Untold:
    """Takes from a request's span what its path and query say: a user's id, what was looked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            road = road_to(scope["path"])
            span = trace.get_current_span()
            span.set_attribute("url.path", road.path if road else "")
            span.set_attribute("url.query", "")
        await self._app(scope, receive, send)


def _is_watching(scope: Any) -> bool:
    return scope["path"] in ALWAYS
