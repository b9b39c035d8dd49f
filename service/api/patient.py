"""HTTP/1.1 for clients that take their time, but not for ever.

uvicorn waits without end for the rest of a request, or for the first byte of one: a thousand
connections that say nothing would be all there are.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE: Final = 1.0
"""Seconds beyond, in which a body that is late may still be answered with 408."""

_ARRIVING: Final = frozenset({h11.IDLE, h11.SEND_BODY})
_UNANSWERED: Final = frozenset({h11.IDLE, h11.SEND_RESPONSE})


class PatientProtocol(H11Protocol):
    """Closes the connection of a request that has not arrived as a whole in time."""

    def __init__(self, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seconds = seconds + GRACE
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest, if this is not all of it."""
        super().data_received(data)
        self._wait_if(arriving=self.conn.their_state in _ARRIVING)

    def on_response_complete(self) -> None:
        """Wait for the rest of a body that nobody read, or of a request sent ahead."""
        super().on_response_complete()
        begun = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        self._wait_if(arriving=begun and self.conn.their_state in _ARRIVING)

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read, unless an answer was begun; nobody else answers it then."""
        if (cycle := self.cycle) is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in _UNANSWERED:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_if(arriving=False)
        super().connection_lost(exc)

    def _wait_if(self, *, arriving: bool) -> None:
        if not arriving and self._late is not None:
            self._late.cancel()
            self._late = None
        elif arriving and self._late is None:
            self._wait()

    def _wait(self) -> None:
        self._late = self.loop.call_later(self._seconds, self.transport.close)
