"""Headers by which browsers take an answer for what it is, and nothing of it anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_Headers: TypeAlias = list[tuple[bytes, bytes]]

ALWAYS: Final[_Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

NOTHING: Final = b"default-src 'none'; frame-ancestors 'none'"
"""What an answer for programs may load."""

OWN: Final = (
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    b" img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What a page for people may load. Swagger's page has its script in itself."""

PRIVATE: Final = (b"cache-control", b"no-store")
"""What was made for somebody is kept by no proxy."""


@dataclass(frozen=True, slots=True)
class Hardened:
    """Adds them to every answer that does not have them."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": hardened(list(message.get("headers", ())))}
            await send(message)

        await self.app(scope, receive, adding)


def hardened(headers: _Headers) -> _Headers:
    """Headers of an answer, with those of ours that it does not have."""
    there = dict(headers)
    for_people = there.get(b"content-type", b"").startswith(b"text/html")
    policy = (b"content-security-policy", OWN if for_people else NOTHING)
    wanted = [*ALWAYS, policy, *([] if for_people else [PRIVATE])]
    return [*headers, *(each for each in wanted if each[0] not in there)]
