"""Every error as the one shape `{error: {code, message, hint, request_id}}`.

The classes here are about HTTP alone; all other errors come from `service.errors`.
"""

from __future__ import annotations

from random import choice
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.api.answers import ErrorAnswer, ErrorDetail
from service.api.trace import trace_of
from service.api.wording import in_words
from service.errors import BadInput, ListwrightError, NotFound

RETRY_AFTER: Final = (1, 2, 3)
"""Seconds, one of them by chance: about as long as one list takes on a small machine. Those who are
refused together would come again together, if all were told the same."""


class BrokenJson(BadInput):
    """The body is not JSON."""

    status = 400
    code = "broken_json"


class AmbiguousLength(BadInput):
    """Where the request ends is said in two ways."""

    status = 400
    code = "ambiguous_length"


class SlowBody(BadInput):
    """The client took too long to send its request."""

    status = 408
    code = "request_timeout"


class WrongMediaType(BadInput):
    """The body is not declared as JSON."""

    status = 415
    code = "unsupported_media_type"
    default_hint = "Send the header Content-Type: application/json."


class MethodNotAllowed(BadInput):
    """The path is right, the method is not."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"{method} is not possible here", hint=f"Use {allowed}.")
        self.allowed = allowed


class Overloaded(ListwrightError):
    """As many requests are being worked on as the service takes at once."""

    status = 503
    code = "overloaded"
    retryable = True
    shed = "gateway_busy"
    default_hint = "Send the request again a little later."


class UnknownHost(BadInput):
    """The request asks for a host that may be a stranger's, where no key tells who asks."""

    status = 421
    code = "unknown_host"
    default_hint = "Set up API keys, or name the host in LISTWRIGHT_SERVER__HOSTS."


class Unauthorized(BadInput):
    """Nobody is known to ask."""

    status = 401
    code = "unauthorized"
    default_hint = "Send the header Authorization: Bearer KEY."


class Forbidden(BadInput):
    """Whoever asks may not do this."""

    status = 403
    code = "forbidden"


class NotSwitched(BadInput):
    """The catalogue that was asked for cannot be served."""

    status = 409
    code = "not_switched"


class RateLimited(ListwrightError):
    """A key asks more often than it may."""

    status = 429
    code = "rate_limited"
    retryable = True
    shed = "rate_limit"
    default_hint = "Send the request again after the seconds in Retry-After."

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClientGone(ListwrightError):
    """The client hung up; nobody reads this answer."""

    status = 499
    code = "client_gone"


class NothingHere(NotFound):
    """Nothing is served under the path."""

    def __init__(self) -> None:
        super().__init__("there is nothing here", hint="See /docs.")


INTERNAL: Final = ListwrightError(
    "something went wrong here", hint="The log has the details under this request id."
)


def error_answer(error: ListwrightError, request_id: str) -> ErrorAnswer:
    """An error as the API shows it."""
    detail = ErrorDetail(
        code=error.code, message=error.message, hint=error.hint, request_id=request_id
    )
    return ErrorAnswer(error=detail)


def error_response(error: ListwrightError, request_id: str) -> Response:
    """The answer to an error."""
    return Response(
        error_answer(error, request_id).model_dump_json(),
        status_code=error.status,
        media_type="application/json",
        headers=_headers(error),
    )


def _headers(error: ListwrightError) -> dict[str, str]:
    """What the status asks for besides the body."""
    if error.retryable:
        known = error.retry_after if isinstance(error, RateLimited) else choice(RETRY_AFTER)  # noqa: S311 - no secret
        return {"Retry-After": str(known)}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": error.allowed}
    return {"WWW-Authenticate": "Bearer"} if error.status == Unauthorized.status else {}


def answer_errors(app: FastAPI) -> None:
    """Our errors, validation errors and the framework's own, each mapped in one place."""
    app.add_exception_handler(ListwrightError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ListwrightError)  # noqa: S101 - registered for nothing else
    trace = trace_of(request.scope)
    trace.error = error
    return error_response(error, trace.request_id)


async def _invalid(request: Request, error: Exception) -> Response:
    """Path and query parameters; the place is told without where FastAPI looked for it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    problems = [{**problem, "loc": problem["loc"][1:]} for problem in error.errors()]
    return await _ours(request, BadInput(in_words(problems)))


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == MethodNotAllowed.status:
        allowed = (error.headers or {}).get("Allow", "")
        return await _ours(request, MethodNotAllowed(request.method, allowed))
    return await _ours(request, NothingHere())
