"""A bound on how long a body may take to arrive: what is half sent stays in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.errors import SlowBody


@dataclass(frozen=True, slots=True)
class Unhurried:
    """Waits for a whole body as long as it may take, however its bytes are spread over that."""

    app: ASGIApp
    seconds: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        until = asyncio.get_running_loop().time() + self.seconds
        whole = False

        async def waiting() -> Message:
            nonlocal whole
            if whole:
                # What comes now is that the client hangs up, which may take as long as it likes.
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as error:
                said = f"the body took more than {self.seconds:g} s to arrive"
                raise SlowBody(said) from error
            whole = not message.get("more_body", False)
            return message

        await self.app(scope, waiting, send)
