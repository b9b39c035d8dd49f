"""A list as server-sent events: each line the moment it is final, then the whole answer.

What can be refused is refused before the first event, as an ordinary error. After it the status
has been sent, so whatever still goes wrong is an event itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeAlias

from fastapi.sse import format_sse_event
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.api.errors import INTERNAL, ClientGone, error_answer
from service.api.lists import ListedItem, RecommendAnswer
from service.api.patience import Slots, while_waited_for
from service.api.trace import Trace, facts_of
from service.domain import Recommendation, RecommendedItem
from service.errors import ListwrightError
from service.pipeline.galley import Show

LOG: Final = logging.getLogger("listwright.request")

STALLED_S: Final = 10.0
"""How long a client may take no more of what it asked for; it holds a place all the while."""

HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # Proxies that gather a response before they pass it on are asked not to.
    (b"x-accel-buffering", b"no"),
]

Making: TypeAlias = Callable[[Show], Coroutine[Any, Any, Recommendation]]
"""Makes a list, showing its lines on the way."""


class ListStream(Response):
    """Sends a list while it is being made; a client that goes away cancels the making."""

    media_type = "text/event-stream"

    def __init__(self, request: Request, make: Making, slots: Slots, trace: Trace) -> None:
        super().__init__()
        self._request, self._make, self._slots, self._trace = request, make, slots, trace
        self._events: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        with self._slots.one():
            try:
                await while_waited_for(self._request, self._sent(send))
            except ClientGone as gone:
                if not self._trace.answered:
                    raise
                self._trace.error = gone

    async def _sent(self, send: Send) -> None:
        making = asyncio.ensure_future(self._made())
        try:
            event = await self._events.get()
            if isinstance(event, Exception):
                raise event
            taken = partial(_taken, send)
            await taken({"type": "http.response.start", "status": 200, "headers": HEADERS})
            while event is not None:
                body = self._broken_off(event) if isinstance(event, Exception) else event
                await taken({"type": "http.response.body", "body": body, "more_body": True})
                event = await self._events.get()
            await taken({"type": "http.response.body", "body": b""})
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _made(self) -> None:
        try:
            made = await self._make(self._show)
            self._trace.facts |= facts_of(made)
            answer = RecommendAnswer.of(made).model_dump_json()
            self._events.put_nowait(format_sse_event(event="answer", data_str=answer))
        except Exception as error:  # noqa: BLE001 - all of it is told, or raised where it can be
            self._events.put_nowait(error)
        finally:
            self._events.put_nowait(None)

    def _show(self, line: RecommendedItem) -> None:
        item = ListedItem.of(line).model_dump_json()
        self._events.put_nowait(format_sse_event(event="item", data_str=item))

    def _broken_off(self, error: Exception) -> bytes:
        """The event that ends a stream which cannot be finished."""
        if not isinstance(error, ListwrightError):
            fields = {"request_id": self._trace.request_id}
            LOG.error("unexpected", exc_info=error, extra={"fields": fields})
            error = INTERNAL
        self._trace.error = error
        answer = error_answer(error, self._trace.request_id).model_dump_json()
        return format_sse_event(event="error", data_str=answer)


async def _taken(send: Send, message: Message) -> None:
    """Send; a client that does not read has gone as far as we are concerned."""
    try:
        async with asyncio.timeout(STALLED_S):
            await send(message)
    except TimeoutError as error:
        raise ClientGone(f"the client read nothing for {STALLED_S:.0f} s") from error
