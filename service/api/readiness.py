"""Whether a balancer should send requests here: yes, until the service has been told to end."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.framing import CLOSE


@dataclass(slots=True)
class Readiness:
    """Told by the server, read by `/readyz` and by each answer."""

    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Parting:
    """Once the service has been told to end each answer is the last of its connection.

    Who keeps connections and does not read `/readyz` would else be cut off in the middle of using
    one. So they open another, and a balancer leads that elsewhere.
    """

    app: ASGIApp
    readiness: Readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def parting(message: Message) -> None:
            if message["type"] == "http.response.start" and self.readiness.leaving:
                headers = message.get("headers", ())
                others = [each for each in headers if each[0].lower() != CLOSE[0]]
                message = {**message, "headers": [*others, CLOSE]}
            await send(message)

        await self.app(scope, receive, parting)
