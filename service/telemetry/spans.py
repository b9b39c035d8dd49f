"""Spans of OpenTelemetry, for whoever has a collector: of requests, stages, and calls to models.

Where they go is said by OpenTelemetry's own variables. The web framework makes the span of each
request, below that of its caller; those of calls are made as the HTTP client sends them, and
models' servers are told whose they are.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from opentelemetry import propagate, trace
from opentelemetry.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.errors import BadSettings
from service.ports import AnswerMade, Decoding, ListMade, Looked, Weighed, Written

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

SERVICE: Final = "listwright"
UNNAMED: Final = "unknown_service"
"""How a service is called that no variable names."""

LEFT_S: Final = 5.0
"""Seconds for what is left to be sent at the end; then nothing is begun any more."""


@contextmanager
def spans(*, wanted: bool) -> Iterator[TracerProvider | None]:
    """What makes spans and sends them, if that is wanted; what is left is sent at the end."""
    if not wanted:
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
    except ImportError as error:
        raise BadSettings(
            "spans are to be sent, and what sends them is not installed",
            hint="pip install 'listwright[traces]', or unset LISTWRIGHT_SERVER__TRACES.",
        ) from error
    with spans_to(OTLPSpanExporter()) as provider:
        yield provider


@contextmanager
def spans_to(exporter: SpanExporter) -> Iterator[TracerProvider]:
    """The same, with whoever takes them."""
    from opentelemetry.instrumentation.aiohttp_client import (  # noqa: PLC0415 - an extra
        AioHttpClientInstrumentor,
    )
    from opentelemetry.sdk import trace as sdk  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

    resource = Resource.create({})
    if str(resource.attributes[SERVICE_NAME]).startswith(UNNAMED):
        resource = resource.merge(Resource({SERVICE_NAME: SERVICE}))
    provider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    calls = AioHttpClientInstrumentor()
    calls.instrument(tracer_provider=provider)
    before = propagate.get_global_textmap()
    if "OTEL_PROPAGATORS" not in os.environ:
        # And not what callers carry besides (baggage): it may say who they are.
        propagate.set_global_textmap(TraceContextTextMapPropagator())
    try:
        yield provider
    finally:
        propagate.set_global_textmap(before)
        calls.uninstrument()
        # Batch after batch would be tried for its own time where nobody takes them.
        soon = threading.Timer(LEFT_S, exporter.shutdown)
        soon.start()
        provider.shutdown()
        soon.cancel()


class SpanObserver:
    """Implements ports.Observer: stages are spans below the request's, which tells all else."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer(SERVICE)

    def stage(self, name: str, seconds: float) -> None:
        """A stage is told of once it is over."""
        now = time.time_ns()
        span = self._tracer.start_span(name, start_time=now - int(seconds * 1e9))
        span.end(now)

    def listed(self, made: ListMade) -> None:
        """By which path, as which variant."""
        _tell(made, made.path.value)

    def answered(self, made: AnswerMade) -> None:
        """The same of an answer."""
        _tell(made, made.path.value)

    def withheld(self, made: ListMade | AnswerMade) -> None:
        """What it broke."""
        _note("withheld", dict(made.violations))

    def decoded(self, decoding: Decoding | Written | Weighed, model: str) -> None:
        """Who decoded, and how much."""
        told: dict[str, str | int] = {"model": model, "tokens": decoding.tokens}
        if decoding.prompt is not None:
            told["prompt"] = decoding.prompt
        _note("decoded", told)

    def left_out(self, part: str, error: Exception) -> None:
        """A part that was done without; its message may quote the user, so its class is told."""
        told: dict[str, str | int] = {"part": part, "error": type(error).__name__}
        _note("left out", told)

    def looked_up(self, cache: str, outcome: Looked) -> None:
        """What was looked for, and whether it was there."""
        told: dict[str, str | int] = {"cache": cache, "outcome": outcome.value}
        _note("looked up", told)


def _note(what: str, told: Mapping[str, str | int]) -> None:
    span = trace.get_current_span()
    # What several share may go on after the request that it was begun for.
    if span.is_recording():
        span.add_event(what, dict(told))


def _tell(made: ListMade | AnswerMade, path: str) -> None:
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attribute("listwright.path", path)
    span.set_attribute("listwright.degraded", made.degraded)
    span.set_attribute("listwright.variant", made.variant)
