"""Work that lasts only as long as somebody waits for it, and only so much of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from starlette.requests import Request

from service.api.errors import ClientGone, Overloaded

T = TypeVar("T")


class Slots:
    """A bound on what goes on at the same time; beyond it requests are shed, not queued."""

    def __init__(self, most: int) -> None:
        self._free = most

    @property
    def taken(self) -> bool:
        """Whether none is free."""
        return not self._free

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot; Overloaded if none is free."""
        if not self._free:
            raise Overloaded("too many requests are being worked on at the moment")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


async def while_waited_for(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; a client that hangs up first cancels it. The body must have been read."""
    doing = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientGone("the client hung up")
        return doing.result()
    finally:
        for task in (doing, gone):
            task.cancel()
        await asyncio.gather(doing, gone, return_exceptions=True)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
