"""One Redis server: the calls of a moment leave together, and nobody queues where it hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from redis.exceptions import TimeoutError as RedisTimeout

from service.errors import StoreUnavailable
from service.store.redis_calls import Call, Plain
from service.store.redis_telling import AGAIN
from service.store.redis_wire import Address, Unsaid, Wire

TURNS: Final = 3
"""Of the loop, for which a call waits for others: tasks that were begun with it get as far by then
as to make theirs. Some microseconds."""

GRACE_S: Final = 0.01
"""An answer counts for so long after its time is over, and for as long as this process stood still
beyond it: it may lie there, and takes some turns of the loop to whoever waits for it."""

HANGS: Final = "Redis does not answer, by the last that it was asked"

_Waiting: TypeAlias = tuple[Sequence[Call | Plain], asyncio.Future[Any]]
"""Calls that go one right after the other, and who waits for what the last of them comes to."""


class Node:
    """Calls of a few turns of the event loop, whoever makes them, leave together: one round trip.

    What waits behind others for a connection is waited for no longer than what has one. While it
    hangs, one call at a time finds out whether it still does, and the others are told at once.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.hangs = False
        """Whether it did not answer the last time that it was waited for."""
        self._heard = -1.0
        """When it answered last, if only by ending a connection, by the loop's clock."""
        self._leaving: list[_Waiting] = []
        self._trips: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.wire.address

    async def run(self, call: Call | Plain, until: float) -> Any:
        """What a call comes to by a time of the loop's clock, else TimeoutError."""
        return await self._run([call], until)

    async def asked(self, call: Call | Plain, until: float) -> Any:
        """The same, while what it is for is on its way here: taken only if told so just before."""
        asking = Plain(("ASKING",), call.again)
        return await self._run([asking, Plain(call.whole, call.again)], until)

    async def _run(self, calls: Sequence[Call | Plain], until: float) -> Any:
        if self.hangs and (self._leaving or self._trips):
            raise StoreUnavailable(HANGS, hint=AGAIN)
        loop = asyncio.get_running_loop()
        if not self._leaving:
            loop.call_soon(self._depart, TURNS)
        told: asyncio.Future[Any] = loop.create_future()
        began = loop.time()
        self._leaving.append((calls, told))
        try:
            if await _came(told, until):
                return told.result()
        finally:
            _let_be(told)
        self.hangs = self.hangs or began > self._heard
        raise TimeoutError

    async def everywhere(self, call: Plain, until: float) -> list[Any]:
        """What a call without a key comes to at each server: this one."""
        return [await self.run(call, until)]

    async def close(self) -> None:
        """Let go of the connections once nobody is on the way any more."""
        while self._leaving or self._trips:
            await asyncio.gather(*self._trips)
            await asyncio.sleep(0)
        await self.wire.close()

    def _depart(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._depart, turns - 1)
            return
        leaving, self._leaving = self._leaving, []
        trip = asyncio.create_task(self._trip(leaving))
        self._trips.add(trip)
        trip.add_done_callback(self._trips.discard)

    async def _trip(self, leaving: Sequence[_Waiting]) -> None:
        began = asyncio.get_running_loop().time()
        listeners = [told for calls, told in leaving for _ in calls]
        try:
            found = await self.wire.said(
                [call for calls, _ in leaving for call in calls],
                lambda at: not listeners[at].done(),
            )
        except Exception as error:  # noqa: BLE001 - told to each of those who wait for it
            found = [error] * len(listeners)
        said = [what for what in found if not isinstance(what, Unsaid)]
        # What was not said again after a lost connection has no part in what became of the rest.
        if any(isinstance(what, TimeoutError | RedisTimeout) for what in said):
            # What set off before the last answer came says nothing of now.
            self.hangs = self.hangs or began > self._heard
        elif said:
            self._heard, self.hangs = asyncio.get_running_loop().time(), False
        _tell(leaving, found)


def _tell(waiting: Sequence[_Waiting], found: Sequence[Any]) -> None:
    """Each hears what the last of its calls came to."""
    at = -1
    for calls, told in waiting:
        at += len(calls)
        if told.done():
            continue
        if isinstance(found[at], Exception):
            told.set_exception(found[at])
        else:
            told.set_result(found[at])


async def _came(told: asyncio.Future[Any], until: float) -> bool:
    """Whether an answer is there by a time of the loop's clock, as far as this process let it."""
    loop = asyncio.get_running_loop()
    await asyncio.wait((told,), timeout=until - loop.time())
    if not told.done():
        await asyncio.wait((told,), timeout=loop.time() - until + GRACE_S)
    return told.done()


def _let_be(told: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more, whatever it comes to."""
    if not told.cancel() and not told.cancelled():
        told.exception()
