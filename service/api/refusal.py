"""Refusals: how what is too much is told so, at the least cost.

While all wait, each refusal takes from all. So what is the same in each is made once, and a request
is refused before even a parser has seen it.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from random import choice
from typing import Final, TypeAlias

from service.api.errors import RETRY_AFTER, Overloaded, error_answer
from service.api.hardening import hardened
from service.api.patience import Slots
from service.api.readiness import Readiness
from service.api.service import RequestMetrics
from service.api.trace import request_id
from service.api.valve import Valve

LOG: Final = logging.getLogger("listwright.request")

ALWAYS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Whoever watches over a service must hear of it above all when it has much to do."""

MADE: Final = frozenset({"/recommend", "/answer", "/free"})
"""What takes a slot. Without a free one it is refused here, and not once it has been parsed."""

QUIET_S: Final = 10.0
"""Refusals after so long without one are told of in the log; one line each would cost too much."""

REASON: Final = "gateway_busy"
CROWDED: Final = "connections"
"""As which kind of load it is counted."""

REFUSAL: Final = Overloaded("too many requests are being worked on at the moment")

_Headers: TypeAlias = list[tuple[bytes, bytes]]

_ID: Final = "REQUEST-ID"
_BEFORE, _AFTER = error_answer(REFUSAL, _ID).model_dump_json().encode().split(_ID.encode())
_HEADERS: Final = [
    hardened([(b"content-type", b"application/json"), (b"retry-after", str(seconds).encode())])
    for seconds in RETRY_AFTER
]
_HEAD: Final = b"HTTP/1.1 503 Service Unavailable\r\n"
_ALWAYS: Final = frozenset(path.encode() for path in ALWAYS)
_MADE: Final = frozenset(path.encode() for path in MADE)
LONGEST_LENGTH: Final = 15
"""Digits of a body's length. Of many more Python makes no number."""

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"
_HOST: Final = b"\r\nhost:"
_NAMED: Final = b"\r\nx-request-id:"
_PLAIN: Final = re.compile(
    rb"(?:GET|POST) (?P<path>/[!->@-~]*)(?:\?[!-~]*)? HTTP/1\.1"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0\f\v]*)*"
)
"""A head that every reader reads alike."""

_ODD: Final = re.compile(
    rb"\r\n(?:transfer-encoding|expect|upgrade|connection(?!:[ \t]*keep-alive[ \t]*(?:\r|$)))"
)
"""Headers that change what comes after them, or what the client waits for."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A request with nothing odd about it: where it ends is known without a parser."""

    size: int
    """Of all of it, in bytes."""
    named: bytes
    """What its client calls it; empty where it does not."""
    makes: bool
    """Whether it takes a slot."""

    @classmethod
    def begun(cls, data: bytes) -> Plain | None:
        """The one that some bytes begin with; None of all that has to be read to be known."""
        found = _plain_head(data)
        path, head = found if found is not None else (b"", None)
        length = b"" if head is None else _value(head, _LENGTH) or b"0"
        if head is None or not length.isdigit() or len(length) > LONGEST_LENGTH:
            return None
        at = head.find(_NAMED)
        named = data[at + len(_NAMED) : len(head)].partition(b"\r\n")[0].strip() if at >= 0 else b""
        return cls(len(head) + len(_END) + int(length), named, path in _MADE)


class Refusals:
    """Refuses as long as a valve is full or all slots are taken, and has it counted."""

    def __init__(
        self,
        valve: Valve,
        slots: Slots,
        metrics: RequestMetrics,
        readiness: Readiness | None = None,
    ) -> None:
        self.valve = valve
        self._readiness = readiness or Readiness()
        self._slots = slots
        self._metrics = metrics
        self._last = dict.fromkeys((REASON, CROWDED), -QUIET_S)

    def due(self, *, makes: bool) -> bool:
        """Whether one more would be too much: one that makes a list or an answer, or another."""
        return self.valve.full or (makes and self._slots.taken)

    def made(self, given: bytes) -> tuple[_Headers, bytes]:
        """Headers and body of one more, under the id that its client gave it, if it is sane."""
        self._tell(REASON)
        named = request_id(given).encode()
        body = _BEFORE + named + _AFTER
        length = (b"content-length", str(len(body)).encode())
        headers = choice(_HEADERS)  # noqa: S311 - no secret
        return [*headers, length, (b"x-request-id", named)], body

    def closed(self) -> None:
        """One more connection was closed than there may be."""
        self._tell(CROWDED)

    def _tell(self, reason: str) -> None:
        self._metrics.shed(reason)
        now = time.monotonic()
        if now - self._last[reason] >= QUIET_S:
            LOG.warning("refusing", extra={"fields": {"why": reason, "limit": self.valve.limit}})
        self._last[reason] = now

    def unread(self, request: Plain) -> bytes | None:
        """What refuses a request that is there as a whole; None if it is to be parsed."""
        # At the end each answer closes its connection, which the parser has to know of.
        if self._readiness.leaving or not self.due(makes=request.makes):
            return None
        headers, body = self.made(request.named)
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        return _HEAD + lines + b"\r\n" + body


def _plain_head(data: bytes) -> tuple[bytes, bytes] | None:
    """Path and head, that in small letters, if it is all there and has nothing odd about it."""
    end = data.find(_END)
    plain = _PLAIN.fullmatch(data, 0, end) if end >= 0 else None
    if plain is None or plain["path"] in _ALWAYS:
        return None
    head = data[:end].lower()
    odd = (
        _ODD.search(head)
        or head.count(_LENGTH) > 1
        or head.count(_HOST) != 1
        or head.count(_NAMED) > 1
    )
    return None if odd else (plain["path"], head)


def _value(head: bytes, name: bytes) -> bytes:
    """What a header says; empty where it is not there."""
    return head.partition(name)[2].partition(b"\r\n")[0].strip()
