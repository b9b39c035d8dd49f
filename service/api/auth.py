"""Who is let in: by a road that is declared, with the right it takes, no more often than agreed.

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

from service.access.gate import Access, Holders
from service.access.holder import ANYONE, Holder
from service.access.rates import rate_of
from service.api.errors import (
    Forbidden,
    MethodNotAllowed,
    NothingHere,
    RateLimited,
    Unauthorized,
    error_response,
)
from service.api.roads import Right, road_to
from service.api.trace import trace_of
from service.errors import ListwrightError, StoreUnavailable
from service.ports import Limits

T = TypeVar("T")

LOG: Final = logging.getLogger("listwright.request")

BEARER: Final = "bearer "
BY_HEADER: Final = b"authorization"
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
    """Refuses what has no key, a wrong one, takes no declared road, or comes too often."""

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
        """Who asks, if what they ask for is served, and to them."""
        road, keyring = road_to(scope["path"]), self.access.keyring
        is_open = road is not None and road.right is Right.OPEN
        holder = ANYONE if keyring is None or is_open else _known(keyring, scope)
        if road is None:
            raise NothingHere
        if scope["method"] not in road.methods:
            raise MethodNotAllowed(scope["method"], road.allow)
        if road.right is Right.ADMIN and not holder.admin:
            raise Forbidden("this needs an administrator's key")
        return holder


async def counted(scope: MutableMapping[str, Any], reading: Coroutine[Any, Any, T]) -> T:
    """What a body asks for. One that is refused counts as any other; RateLimited if too many."""
    try:
        return await reading
    except ListwrightError:
        admission: Admission = scope["state"]["admission"]
        await admission.granted()
        raise


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


def _known(keyring: Holders, scope: Scope) -> Holder:
    key = _presented(scope)
    holder = None if key is None else keyring.holder(key)
    if holder is None:
        raise Unauthorized("the request has no key" if key is None else "nobody has this key")
    return holder


def _presented(scope: Scope) -> str | None:
    """The key as `Authorization: Bearer KEY`, or as `X-API-Key: KEY`; None without one.

    Of two keys a proxy may have judged the one and we the other, so neither counts.
    """
    found = [key for header in scope["headers"] if (key := _key_in(*header)) is not None]
    if len(found) > 1:
        raise Unauthorized("the request has more than one key")
    return found[0] if found else None


def _key_in(name: bytes, value: bytes) -> str | None:
    text = value.decode("latin-1")
    if name == BY_HEADER:
        return text[len(BEARER) :].strip() if text[: len(BEARER)].lower() == BEARER else None
    return text.strip() if name == BY_NAME else None
