"""HTTP/1.1 that turns away what is too much before it is parsed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final, cast

import h11

from service.api.patient import PatientProtocol
from service.api.refusal import Plain, Refusals

HELD: Final = 65_536
"""Bytes of a request that are held until it is whole; the parser holds larger ones."""

HELD_S: Final = 0.05
"""How long they are held. Whose body takes longer is answered as the application sees fit."""


class TurnstileProtocol(PatientProtocol):
    """Answers a whole request that is too much at once, and has all others parsed.

    Parsing one takes as long as a tenth of a list: at five times the load that can be carried, half
    of all time would go into refusing. And only what is whole can be let in or not: many send a
    body after its head, and a hundred heads would be let in before the first of their bodies came.
    """

    def __init__(self, *args: Any, refusals: Refusals, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusals, self._most = refusals, most
        self._held = b""
        self._known: Plain | None = None
        """The request that is held: its head is read once, however its body is cut."""
        self._holding: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Close one that is too much: those that are there go on being served.

        uvicorn's own bound would answer all of them 503, even whether the process is alive.
        """
        super().connection_made(transport)
        if len(self.connections) > self._most:
            self._refusals.closed()
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hold it until it is whole, refuse it, or read on."""
        data = self._held + data
        request = self._known
        if request is None and self._between_requests():
            request = Plain.begun(data)
        if request is not None and len(data) < request.size <= HELD:
            self._hold(data, request)
            return
        self._let_go()
        whole = request is not None and request.size == len(data)
        refused = self._refusals.unread(request) if request is not None and whole else None
        if refused is None:
            super().data_received(data)
        else:
            self._refuse(refused)

    def shutdown(self) -> None:
        """Have what was held answered before the end."""
        self._read_on()
        super().shutdown()

    def eof_received(self) -> None:
        """Have the parser say what is wrong with half a request."""
        self._read_on()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hold nothing any longer."""
        self._let_go()
        super().connection_lost(exc)

    def _hold(self, data: bytes, request: Plain) -> None:
        self._held, self._known = data, request
        if self._holding is None:
            self._unset_keepalive_if_required()
            self._holding = self.loop.call_later(HELD_S, self._read_on)

    def _read_on(self) -> None:
        if data := self._let_go():
            super().data_received(data)

    def _let_go(self) -> bytes:
        """What was held."""
        if self._holding is not None:
            self._holding.cancel()
        held, self._held = self._held, b""
        self._known = self._holding = None
        return held

    def _refuse(self, answer: bytes) -> None:
        self._unset_keepalive_if_required()
        self._wait_if(arriving=False)
        if self.flow.write_paused:
            # Whoever reads no refusals is sent no more of them, nor what is still to be sent.
            self.transport.abort()
            return
        self.transport.write(answer)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _between_requests(self) -> bool:
        idle = self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE
        return idle and not self.conn.trailing_data[0] and not self.transport.is_closing()


def turnstile(refusals: Refusals, seconds: float, most: int) -> type[asyncio.Protocol]:
    """The protocol as uvicorn calls it.

    `seconds`: how long a request may take to arrive. `most`: how many connections there may be.
    """
    made = partial(TurnstileProtocol, refusals=refusals, seconds=seconds, most=most)
    return cast("type[asyncio.Protocol]", made)
