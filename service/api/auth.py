"""Who is let in: a key for all that is not open to anyone, and no more often than it may ask.

Nothing of a body is read before the key is known; whoever has none is not told what there is.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from limits import RateLimitItem
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.gate import Access
from service.access.holder import ANYONE, Holder
from service.access.keyring import Keyring
from service.access.rates import rate_of
from service.api.errors import Forbidden, RateLimited, Unauthorized, error_response
from service.api.trace import trace_of
from service.errors import ListwrightError, StoreUnavailable
from service.ports import Limits

T = TypeVar("T")

LOG: Final = logging.getLogger("listwright.request")

OPEN: Final = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
OPEN_BELOW: Final = "/static-offline-docs/"
"""What the page at /docs is made of."""

ADMIN: Final = frozenset({"/catalogue/reload", "/catalogue/rollback"})

BEARER: Final = "bearer "
BY_NAME: Final = b"x-api-key"


ADMITTED_BELOW: Final = frozenset({"/recommend"})
"""There the limit is asked for together with the history, which saves a round trip."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request comes too often."""

    limits: Limits
    holder: Holder

    async def granted(self) -> None:
        """Count the request; RateLimited if that is one too many."""
        if self.holder.rate is None:
            return
        wait = await self._wait(rate_of(self.holder.rate))
        if wait:
            raise RateLimited(
                f"this key may ask {self.holder.rate}", retry_after=max(1, math.ceil(wait))
            )

    async def _wait(self, rate: RateLimitItem) -> float:
        holder = self.holder
        try:
            return await self.limits.refused(rate, f"{holder.tenant}/{holder.name}")
        except StoreUnavailable as error:
            # Whoever cannot count lets them in: what protects the engine is its queue.
            LOG.warning("not limited", extra={"fields": {"error": error.code, "key": holder.name}})
            return 0.0


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
            admission = scope["state"]["admission"] = Admission(self.access.limits, holder)
            if holder is not ANYONE:
                trace.facts |= {"key": holder.name}
            if scope["path"] not in ADMITTED_BELOW:
                await admission.granted()
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


async def admitted(scope: MutableMapping[str, Any], work: Coroutine[Any, Any, T]) -> T:
    """The work's result, begun while the limit is asked for; RateLimited ends it."""
    admission: Admission = scope["state"]["admission"]
    doing = asyncio.ensure_future(work)
    try:
        await admission.granted()
        return await doing
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


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
