"""What can go wrong, as one tree, by the code that the API gives it.

ListwrightApiError
├── InvalidRequest         the request cannot be met as it is; sent again it cannot either
│   └── ConflictingControls
├── NotFound
├── Unauthorised           no key, a wrong one, or one that may not do this
├── RateLimited            the key asks more often than it may
├── Unavailable            too much to do, or a part away; a little later it may go
└── ConnectionFailed       nobody answered, or not to the end
    └── TimedOut           nor before the deadline
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Final


class ListwrightApiError(Exception):
    """Root of all that a call raises. It never holds the key."""

    def __init__(  # noqa: PLR0913, PLR0917 - positional, so that it survives pickling
        self,
        code: str,
        message: str,
        hint: str = "",
        request_id: str = "",
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, hint, request_id, status, retry_after)
        self.code = code
        """For programs; stable."""
        self.message = message
        """For people: what is wrong."""
        self.hint = hint
        """What can be done; may be empty."""
        self.request_id = request_id
        """Under which the service's log has it; empty where it never answered."""
        self.status = status
        """Of the HTTP answer; 0 where there was none."""
        self.retry_after = retry_after
        """Seconds after which to come again, where the service says so."""

    def __str__(self) -> str:
        told = f"{self.code}: {self.message}"
        told = f"{told.removesuffix('.')}. {self.hint}" if self.hint else told
        return told + (f" (request {self.request_id})" if self.request_id else "")


class InvalidRequest(ListwrightApiError):
    """The request cannot be met as it is."""


class ConflictingControls(InvalidRequest):
    """No list can obey all the controls at once; the message names them, the hint what to do."""


class NotFound(ListwrightApiError):
    """There is no such thing."""


class Unauthorised(ListwrightApiError):
    """No key, a wrong one, or one that may not do this."""


class RateLimited(ListwrightApiError):
    """The key asks more often than it may."""


class Unavailable(ListwrightApiError):
    """The service has too much to do, or is without a part that this needs."""


class ConnectionFailed(ListwrightApiError):
    """Nobody answered, or not to the end."""

    def __init__(self, message: str, hint: str = "", code: str = "connection_failed") -> None:
        super().__init__(code, message, hint)

    def __reduce__(self) -> tuple[type[ConnectionFailed], tuple[str, str, str]]:
        return type(self), (self.message, self.hint, self.code)


class TimedOut(ConnectionFailed):
    """The deadline over all tries has passed."""


BY_CODE: Final[Mapping[str, type[ListwrightApiError]]] = {
    "conflicting_controls": ConflictingControls,
    "engine_busy": Unavailable,
    "engine_failed": Unavailable,
    "engine_timeout": Unavailable,
    "forbidden": Unauthorised,
    "not_found": NotFound,
    "overloaded": Unavailable,
    "rate_limited": RateLimited,
    "store_unavailable": Unavailable,
    "unauthorized": Unauthorised,
    "unknown_version": NotFound,
}
"""Codes that say more than their status, or come without one: as an event that ends a stream."""

BY_STATUS: Final[Mapping[int, type[ListwrightApiError]]] = {
    401: Unauthorised,
    403: Unauthorised,
    404: NotFound,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}

REQUEST_ID: Final = "x-request-id"

NOT_OURS: Final = "A proxy may stand in between, or something else be served there."


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> ListwrightApiError:
    """The error that an answer tells of, whoever gave it: a proxy's has no shape of ours."""
    detail = _detail(body)
    code = detail.get("code", "")
    kind = BY_CODE.get(code) or BY_STATUS.get(status) or _by_hundreds(status)
    return kind(
        code or f"http_{status}",
        detail.get("message") or f"the answer had the status {status}",
        detail.get("hint", "") if code else NOT_OURS,
        detail.get("request_id") or headers.get(REQUEST_ID, ""),
        status,
        retry_after(headers.get("retry-after", "")),
    )


def retry_after(said: str) -> float | None:
    """Seconds to wait, said as such or as a date; None if it says neither."""
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time())
    except (ValueError, OverflowError):
        return None


def unreadable(what: str, status: int, headers: Mapping[str, str]) -> ListwrightApiError:
    """An answer that is none of the service's."""
    request_id = headers.get(REQUEST_ID, "")
    return ListwrightApiError("unreadable_answer", what, NOT_OURS, request_id, status)


def _by_hundreds(status: int) -> type[ListwrightApiError]:
    return InvalidRequest if 400 <= status < 500 else ListwrightApiError  # noqa: PLR2004 - HTTP's


def _detail(body: bytes) -> dict[str, str]:
    """What the error says, as far as it has our shape."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    detail = said.get("error") if isinstance(said, dict) else None
    if not isinstance(detail, dict):
        return {}
    return {name: value for name, value in detail.items() if isinstance(value, str)}
