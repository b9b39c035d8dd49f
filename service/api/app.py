"""The application: routes, errors and middleware over one opened service."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from opentelemetry.trace import TracerProvider

from service.api.about_routes import about_routes
from service.api.admission import Admitted
from service.api.allowance import allowances
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
from service.api.free_routes import free_routes
from service.api.free_schema import free_body
from service.api.hardening import Hardened
from service.api.hosts import ANY, Hosted
from service.api.item_routes import item_routes
from service.api.list_routes import list_routes
from service.api.mcp_routes import mcp_routes
from service.api.middleware import BodyLimit, Traced
from service.api.openapi import describe
from service.api.operation_routes import operation_routes
from service.api.page_routes import show_home
from service.api.patience import Slots
from service.api.question_routes import question_routes
from service.api.question_schema import answer_body
from service.api.readiness import Parting, Readiness
from service.api.refusal import Refusals
from service.api.schemas import recommend_body
from service.api.service import Bounds, Service
from service.api.spans import Untold, telemetry
from service.api.turns import Turns
from service.api.unhurried import Unhurried
from service.api.valve import Valve
from service.api.verify_routes import verify_routes
from service.api.verify_schema import verify_body

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
    body, question, checked = recommend_body(bounds), answer_body(bounds), verify_body(bounds)
    slots = Slots(bounds.max_concurrent)
    app.state.turns = Turns()
    described: dict[str, type[Body]] = {
        "/recommend": body,
        "/answer": question,
        "/verify": checked,
        "/events": EventsBody,
        "/feedback": FeedbackBody,
        "/catalogue/reload": ReloadBody,
    }
    for router in (
        list_routes(service, bounds, body, slots),
        question_routes(service, bounds, question, slots),
        verify_routes(service, checked),
        catalogue_routes(service),
        event_routes(service),
        feedback_routes(service),
        item_routes(service),
        about_routes(service, bounds),
        operation_routes(service, readiness),
        mcp_routes(bounds, described),
    ):
        app.include_router(router)
    if bounds.playground:
        described["/free"] = free_body(bounds)
        app.include_router(free_routes(service, bounds, free_body(bounds), slots))
    show_home(app, playground=bounds.playground)
    answer_errors(app)
    _protect(app, service, bounds, slots, readiness)
    if spans is not None:
        # Outside all that may refuse: what is refused is told of as well.
        app.add_middleware(Untold)
    describe(app, described, keyed=service.access.keyring is not None)
    return app


def _protect(
    app: FastAPI, service: Service, bounds: Bounds, slots: Slots, readiness: Readiness
) -> None:
    """All that a request passes on its way to a route; the last one added is the outermost."""
    limit = bounds.max_body_bytes
    app.add_middleware(BodyLimit, limit=limit, narrower=allowances(limit))
    app.add_middleware(Unhurried, seconds=bounds.request_seconds)
    app.add_middleware(Guarded, access=service.access, playground=bounds.playground)
    if service.access.keyring is None and ANY not in bounds.hosts:
        app.add_middleware(Hosted, known=bounds.hosts)
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
