"""What can be done to a stage: something is killed, delayed, narrowed or cut, and mended again.

A fault begins when a quarter of its phase is over and ends at 60%: the rest shows the recovery. It
lasts until its witness has been answered, however short the phase is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import aiohttp

from loadtest.faults.outcome import Window
from loadtest.faults.road import Road
from loadtest.faults.stage import Stage

BEGINS: Final = 0.25
LASTS: Final = 0.35
DELAY_S: Final = 2.0
NARROW: Final = 1_000.0
"""Bytes a second: a list's prompt takes seconds."""

CUT_EVERY_S: Final = 0.25
WATCHED_S: Final = 0.005
SWAPS: Final = 6
SLOW_S: Final = 0.5
"""Each way, so that much is in flight when the service is told to end."""


@dataclass(slots=True)
class Witness:
    """A customer who asks while a fault lasts, and what is seen of the fault."""

    ask: Callable[[], Awaitable[list[str]]]
    """What is missing now."""
    seen: list[str] = field(default_factory=list)

    async def look(self) -> None:
        """Ask, and note what is missing."""
        self.seen += await self.ask()


Fault: TypeAlias = Callable[[Stage, float, Witness], Awaitable[Window]]


async def _between(
    seconds: float, witness: Witness, begin: Callable[[], object], end: Callable[[], object]
) -> Window:
    """What begins and ends a fault, each when it is time for it."""
    await asyncio.sleep(BEGINS * seconds)
    began = time.monotonic()
    await asyncio.to_thread(begin)
    try:
        await asyncio.gather(asyncio.sleep(LASTS * seconds), witness.look())
    finally:
        await asyncio.to_thread(end)
    return Window(began, time.monotonic())


def killed(kill: Callable[[Stage], object], start: Callable[[Stage], object]) -> Fault:
    """Something ends without a word, and comes back."""

    async def fault(stage: Stage, seconds: float, witness: Witness) -> Window:
        return await _between(seconds, witness, lambda: kill(stage), lambda: start(stage))

    return fault


def delayed(road: Callable[[Stage], Road]) -> Fault:
    """All that is said on a road takes seconds to arrive."""

    async def fault(stage: Stage, seconds: float, witness: Witness) -> Window:
        return await _between(
            seconds,
            witness,
            lambda: setattr(road(stage), "delay", DELAY_S),
            lambda: setattr(road(stage), "delay", 0.0),
        )

    return fault


def narrowed(road: Callable[[Stage], Road]) -> Fault:
    """A road lets so little through that answers drip."""

    async def fault(stage: Stage, seconds: float, witness: Witness) -> Window:
        window = await _between(
            seconds,
            witness,
            lambda: setattr(road(stage), "bytes_a_second", NARROW),
            lambda: setattr(road(stage), "bytes_a_second", None),
        )
        road(stage).cut()
        return window

    return fault


def cut(road: Callable[[Stage], Road]) -> Fault:
    """Connections can be made, and are torn again and again; RuntimeError where there are none."""

    async def fault(stage: Stage, seconds: float, witness: Witness) -> Window:
        await asyncio.sleep(BEGINS * seconds)
        began, torn = time.monotonic(), 0
        looking = asyncio.create_task(witness.look())
        while not looking.done() or time.monotonic() < began + LASTS * seconds:
            torn += (met := road(stage).cut())
            # To an engine a connection is made for each answer: who comes is waited for.
            await asyncio.sleep(CUT_EVERY_S if met else WATCHED_S)
        await looking
        if not torn:
            raise RuntimeError("nobody was on the road that was cut")
        witness.seen.append(f"{torn} ends of connections torn")
        return Window(began, time.monotonic())

    return fault


async def nothing(_: Stage, seconds: float, witness: Witness) -> Window:
    """All is well; once it is over, it is seen whether that is so."""
    await asyncio.sleep(BEGINS * seconds)
    await asyncio.gather(asyncio.sleep((1 - BEGINS) * seconds), witness.look())
    return _now()


async def restarted(stage: Stage, seconds: float, _: Witness) -> Window:
    """The gateway itself ends without a word, and is started again at once."""
    await asyncio.sleep(BEGINS * seconds)
    began = time.monotonic()
    await asyncio.to_thread(stage.gateway.kill)
    await stage.start_gateway()
    return Window(began, time.monotonic())


async def swapped(stage: Stage, seconds: float, _: Witness) -> Window:
    """The other version of the catalogue, back, and so on; RuntimeError where that is refused."""
    headers = {"x-api-key": stage.keys.admin}
    async with aiohttp.ClientSession(stage.url, headers=headers) as session:
        for turn in range(SWAPS):
            await asyncio.sleep(seconds / (SWAPS + 2))
            route = "rollback" if turn % 2 else "reload"
            body = None if turn % 2 else {"version": stage.versions.other}
            async with session.post(f"/catalogue/{route}", json=body) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"{route}: {answer.status} {await answer.text()}")
    return _now()


async def terminated(stage: Stage, seconds: float, _: Witness) -> Window:
    """SIGTERM, with slow lists in flight; RuntimeError where it does not end by itself."""
    stage.engine.road.delay = SLOW_S
    await asyncio.sleep(BEGINS * seconds + 2 * SLOW_S)
    told = time.monotonic()
    status = await asyncio.to_thread(stage.gateway.end, 60.0)
    stage.engine.road.delay = 0.0
    await stage.start_gateway()
    if status != 0:
        raise RuntimeError(f"the service ended with {status}")
    return Window(told, time.monotonic())


def _now() -> Window:
    now = time.monotonic()
    return Window(now, now)
