"""Who is let in: a key for all that is not open to anyone, and no more often than it may ask.

Nothing of a body is read before the key is known; whoever has none is not told what there is.
"""

from __future__ import annotations

import logging
import math
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final, cast

from limits import RateLimitItem
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.gate import Access
from service.access.holder import ANYONE, Holder
from service.access.keyring import Keyring
from service.access.rates import rate_of
from service.api.errors import Forbidden, RateLimited, Unauthorized, error_response
from service.api.trace import trace_of
from service.errors import ListwrightError, StoreUnavailable

LOG: Final = logging.getLogger("listwright.request")

OPEN: Final = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
OPEN_BELOW: Final = "/static-offline-docs/"
"""What the page at /docs is made of."""

ADMIN: Final = frozenset({"/catalogue/reload", "/catalogue/rollback"})

BEARER: Final = "bearer "
BY_NAME: Final = b"x-api-key"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Refuses what has no key, a wrong one, or comes too often."""

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = trace_of(scope)
        try:
            holder = self._holder(scope)
            scope["state"]["holder"] = holder
            if holder is not ANYONE:
                trace.facts |= {"key": holder.name}
                await self._admit(holder)
        except ListwrightError as error:
            trace.error = error
            await error_response(error, trace.request_id)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _holder(self, scope: Scope) -> Holder:
        path: str = scope["path"]
        if path in OPEN or path.startswith(OPEN_BELOW):
            return ANYONE
        keyring = self.access.keyring
        holder = ANYONE if keyring is None else _known(keyring, scope)
        if path in ADMIN and not holder.admin:
            raise Forbidden("this needs an administrator's key")
        return holder

    async def _admit(self, holder: Holder) -> None:
        if holder.rate is None:
            return
        wait = await self._wait(rate_of(holder.rate), holder)
        if wait:
            raise RateLimited(
                f"this key may ask {holder.rate}", retry_after=max(1, math.ceil(wait))
            )

    async def _wait(self, rate: RateLimitItem, holder: Holder) -> float:
        try:
            return await self.access.limits.refused(rate, f"{holder.tenant}/{holder.name}")
        except StoreUnavailable as error:
            # Whoever cannot count lets them in: what protects the engine is its queue.
            LOG.warning("not limited", extra={"fields": {"error": error.code, "key": holder.name}})
            return 0.0


def holder_of(scope: MutableMapping[str, Any]) -> Holder:
    """Who asks."""
    return cast("Holder", scope["state"]["holder"])


def _known(keyring: Keyring, scope: Scope) -> Holder:
    key = _presented(scope)
    holder = None if key is None else keyring.holder(key)
    if holder is None:
        raise Unauthorized("the request has no key" if key is None else "nobody has this key")
    return holder


def _presented(scope: Scope) -> str | None:
    """The key as `Authorization: Bearer KEY`, or as `X-API-Key: KEY`."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    named = headers.get(b"authorization", b"").decode("latin-1")
    if named[: len(BEARER)].lower() == BEARER:
        return named[len(BEARER) :].strip()
    plain = headers.get(BY_NAME)
    return None if plain is None else plain.decode("latin-1").strip()
