"""The application: routes, errors and middleware over one opened service."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from opentelemetry.trace import TracerProvider

from service.api.admission import Admitted
from service.api.answers import ErrorAnswer
from service.api.auth import Guarded
from service.api.body import Body
from service.api.catalogue_routes import ReloadBody, catalogue_routes
from service.api.errors import answer_errors
from service.api.event_routes import event_routes
from service.api.event_schema import EventsBody
from service.api.feedback_routes import feedback_routes
from service.api.feedback_schema import FeedbackBody
from service.api.framing import Framed, LastOfItsLine
from service.api.hardening import Hardened
from service.api.item_routes import item_routes
from service.api.list_routes import list_routes
from service.api.middleware import BodyLimit, Traced
from service.api.openapi import describe
from service.api.operation_routes import operation_routes
from service.api.patience import Slots
from service.api.question_routes import question_routes
from service.api.question_schema import answer_body
from service.api.readiness import Parting, Readiness
from service.api.refusal import Refusals
from service.api.schemas import recommend_body
from service.api.service import Bounds, Service
from service.api.spans import Untold, telemetry
from service.api.unhurried import Unhurried
from service.api.valve import Valve

ABOUT: Final = """
Lists that are valid by construction: exactly `k` items, all in the catalogue, none twice, none
from the history, and every control holds. Each answer carries a receipt that anyone can check.
So are answers to shopping questions: one of the options, all of them in an order, some of them,
spans of the text that was given, or words within a limit.

Every answer has the header `X-Request-ID`: the request's own, if it is up to 128 letters, digits
or `._:-`, else a new one. Errors have one shape, `{"error": {"code", "message", "hint",
"request_id"}}`. Text that holds a NUL character or a lone surrogate is refused with 422, as are
NaN and unknown fields.
"""

IN_FLIGHT: Final = 2
"""So many times the requests that may be worked on are let in: the others ask for little."""

ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": ErrorAnswer, "description": "Something in the request cannot be"},
}


def create_app(
    service: Service,
    bounds: Bounds,
    readiness: Readiness | None = None,
    spans: TracerProvider | None = None,
) -> FastAPI:
    """The HTTP service; whoever opened `service` closes it. `spans`: what makes some, if asked."""
    # Its page brings its own scripts: a service in a closed network shows it too.
    app = FastAPIOffline(
        redoc_url=None,
        # A redirect would be built from whatever host the client names.
        redirect_slashes=False,
        title="Listwright",
        version=version("listwright"),
        description=ABOUT,
        responses=ERRORS,
        telemetry=telemetry(spans),
    )
    readiness = readiness or Readiness()
    body, question = recommend_body(bounds), answer_body(bounds)
    slots = Slots(bounds.max_concurrent)
    for router in (
        list_routes(service, bounds, body, slots),
        question_routes(service, bounds, question, slots),
        catalogue_routes(service),
        event_routes(service),
        feedback_routes(service),
        item_routes(service),
        operation_routes(service, readiness),
    ):
        app.include_router(router)
    answer_errors(app)
    _protect(app, service, bounds, slots, readiness)
    if spans is not None:
        # Outside all that may refuse: what is refused is told of as well.
        app.add_middleware(Untold)
    described: dict[str, type[Body]] = {
        "/recommend": body,
        "/answer": question,
        "/events": EventsBody,
        "/feedback": FeedbackBody,
        "/catalogue/reload": ReloadBody,
    }
    describe(app, described, keyed=service.access.keyring is not None)
    return app


def _protect(
    app: FastAPI, service: Service, bounds: Bounds, slots: Slots, readiness: Readiness
) -> None:
    """All that a request passes on its way to a route; the last one added is the outermost."""
    app.add_middleware(BodyLimit, limit=bounds.max_body_bytes)
    app.add_middleware(Unhurried, seconds=bounds.request_seconds)
    app.add_middleware(Guarded, access=service.access)
    app.add_middleware(Framed)
    app.add_middleware(Traced, metrics=service.metrics)
    app.add_middleware(Hardened)
    valve = Valve(IN_FLIGHT * bounds.max_concurrent, bounds.busy_seconds)
    service.metrics.watch_gateway(valve)
    # The server refuses by the same: most of what is too much never comes as far as here.
    app.state.refusals = Refusals(valve, slots, service.metrics, readiness)
    app.add_middleware(Admitted, refusals=app.state.refusals)
    app.add_middleware(LastOfItsLine)
    app.add_middleware(Parting, readiness=readiness)
