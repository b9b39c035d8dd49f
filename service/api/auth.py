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

from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.gate import Access, Holders
from service.access.holder import ANYONE, Holder
from service.api.counting import COUNTED_WITHIN_S, Counting
from service.api.errors import (
    Forbidden,
    MethodNotAllowed,
    NothingHere,
    RateLimited,
    Unauthorized,
    error_response,
)
from service.api.roads import Right, Road, road_to
from service.api.trace import Trace, trace_of
from service.errors import ListwrightError, StoreUnavailable

T = TypeVar("T")

LOG: Final = logging.getLogger("listwright.request")

BEARER: Final = "bearer "
BY_HEADER: Final = b"authorization"
BY_NAME: Final = b"x-api-key"

ADMITTED_BELOW: Final = frozenset({"/recommend", "/answer", "/free"})
"""There the limit is asked for while the work begins: that saves a round trip for the history, and
the deadline, which the body brings, bounds both."""


@dataclass(slots=True)
class Admission:
    """Whether a request comes too often."""

    counting: Counting
    holder: Holder
    counted: bool = False
    """Each request counts once, however many things are wrong with it."""

    async def granted(self, seconds: float = COUNTED_WITHIN_S) -> None:
        """Count the request; RateLimited if that is one too many. It is let in after `seconds`."""
        if self.counted:
            return
        self.counted = True
        wait = await self._wait(seconds)
        if wait:
            raise RateLimited(
                f"this key may ask {self.holder.rate}", retry_after=max(1, math.ceil(wait))
            )

    async def _wait(self, seconds: float) -> float:
        try:
            return await self.counting.wait(self.holder, seconds)
        except StoreUnavailable as error:
            # Whoever cannot count lets them in: what protects the engine is its queue.
            fields = {"error": error.code, "key": self.holder.name}
            LOG.warning("not limited", extra={"fields": fields})
            return 0.0


class Guarded:
    """Refuses what has no key, a wrong one, takes no declared road, or comes too often."""

    def __init__(self, app: ASGIApp, access: Access, *, playground: bool) -> None:
        self._app, self._keyring = app, access.keyring
        self._playground = playground
        self._counting = Counting(access.limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = trace_of(scope)
        try:
            await self._admit(scope, trace)
        except ListwrightError as error:
            trace.error = error
            await error_response(error, trace.request_id)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, trace: Trace) -> None:
        """Whoever asks for what is not there, or not for them, has asked all the same."""
        road = road_to(scope["path"])
        if road is not None and road.playground and not self._playground:
            road = None
        is_open = road is not None and road.right is Right.OPEN
        holder = ANYONE
        if self._keyring is not None and not is_open:
            holder = _known(self._keyring, scope)
            trace.facts |= {"key": holder.name}
        scope["state"]["holder"] = holder
        admission = scope["state"]["admission"] = Admission(self._counting, holder)
        refusal = _refusal(road, scope["method"], holder)
        if refusal is not None or scope["path"] not in ADMITTED_BELOW:
            await admission.granted()
        if refusal is not None:
            raise refusal


def _refusal(road: Road | None, method: str, holder: Holder) -> ListwrightError | None:
    """Why it is not served, or not to them."""
    if road is None:
        return NothingHere()
    if method not in road.methods:
        return MethodNotAllowed(method, road.allow)
    if holder.watch and road.right not in {Right.OPEN, Right.WATCH}:
        return Forbidden("this key may read /metrics, and do nothing else")
    if road.right is Right.ADMIN and not holder.admin:
        return Forbidden("this needs an administrator's key")
    if road.right is Right.WATCH and holder is not ANYONE and not (holder.watch or holder.admin):
        return Forbidden("this needs a key that may watch, or an administrator's")
    return None


async def counted(scope: MutableMapping[str, Any], reading: Coroutine[Any, Any, T]) -> T:
    """What a body asks for. One that is refused counts as any other; RateLimited if too many."""
    try:
        return await reading
    except ListwrightError:
        await admission_of(scope).granted()
        raise


async def admitted(
    scope: MutableMapping[str, Any], work: Coroutine[Any, Any, T], seconds: float
) -> T:
    """The work's result, begun while the limit is asked for; RateLimited ends it.

    `seconds`: the deadline of the work. It is not overrun for a count.
    """
    doing = asyncio.ensure_future(work)
    try:
        await admission_of(scope).granted(seconds)
        return await doing
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


def holder_of(scope: MutableMapping[str, Any]) -> Holder:
    """Who asks."""
    return cast("Holder", scope["state"]["holder"])


def admission_of(scope: MutableMapping[str, Any]) -> Admission:
    """Whether they have asked too often, which is told once."""
    return cast("Admission", scope["state"]["admission"])


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
