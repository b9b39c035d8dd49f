"""Admission: what is too much for this process is refused before anything of it is read."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.errors import Overloaded
from service.api.refusal import ALWAYS, MADE, Refusals
from service.api.trace import given_id

LOOK_S: Final = 0.02
"""How often it is looked how late timers are, while requests are being worked on."""


class Admitted:
    """Refuses what comes beyond a limit that follows from how long all else waits here."""

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self._app = app
        self._valve = refusals.valve
        self._refusals = refusals
        self._looking: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._refusals.due(makes=scope["path"] in MADE):
            await self._refuse(scope, send)
            return
        self._valve.enter()
        self._look_soon()
        try:
            await self._app(scope, self._uncounted(receive), send)
        finally:
            self._valve.leave()

    async def _refuse(self, scope: Scope, send: Send) -> None:
        headers, body = self._refusals.made(given_id(scope))
        await send({"type": "http.response.start", "status": Overloaded.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _uncounted(self, receive: Receive) -> Receive:
        """A body that is slow to come takes nothing from others."""
        whole = False

        async def receiving() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            self._valve.away()
            try:
                message = await receive()
            finally:
                self._valve.back()
            whole = not message.get("more_body", False)
            return message

        return receiving

    def _look_soon(self) -> None:
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_S, self._look, loop.time() + LOOK_S)

    def _look(self, due: float) -> None:
        self._looking = None
        self._valve.look(asyncio.get_running_loop().time() - due)
        if self._valve.running:
            self._look_soon()
