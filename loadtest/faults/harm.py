"""What can be done to a stage: something is killed, delayed, narrowed or cut, and mended again.

A fault begins when a quarter of its phase is over and ends at 60%: the rest shows the recovery.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import aiohttp

from loadtest.faults.outcome import Window
from loadtest.faults.road import Road
from loadtest.faults.stage import Stage

BEGINS: Final = 0.25
LASTS: Final = 0.35
DELAY_S: Final = 2.0
NARROW: Final = 2_000.0
"""Bytes a second: a list's prompt takes seconds."""

CUT_EVERY_S: Final = 0.25
SWAPS: Final = 6
SLOW_S: Final = 0.5
"""Each way, so that much is in flight when the service is told to end."""

Fault: TypeAlias = Callable[[Stage, float], Awaitable[Window]]


async def _between(
    seconds: float, begin: Callable[[], object], end: Callable[[], object]
) -> Window:
    """What begins and ends a fault, each when it is time for it."""
    await asyncio.sleep(BEGINS * seconds)
    began = time.monotonic()
    await asyncio.to_thread(begin)
    await asyncio.sleep(LASTS * seconds)
    await asyncio.to_thread(end)
    return Window(began, time.monotonic())


def killed(kill: Callable[[Stage], object], start: Callable[[Stage], object]) -> Fault:
    """Something ends without a word, and comes back."""

    async def fault(stage: Stage, seconds: float) -> Window:
        return await _between(seconds, lambda: kill(stage), lambda: start(stage))

    return fault


def delayed(road: Callable[[Stage], Road]) -> Fault:
    """All that is said on a road takes seconds to arrive."""

    async def fault(stage: Stage, seconds: float) -> Window:
        return await _between(
            seconds,
            lambda: setattr(road(stage), "delay", DELAY_S),
            lambda: setattr(road(stage), "delay", 0.0),
        )

    return fault


def narrowed(road: Callable[[Stage], Road]) -> Fault:
    """A road lets so little through that answers drip."""

    async def fault(stage: Stage, seconds: float) -> Window:
        window = await _between(
            seconds,
            lambda: setattr(road(stage), "bytes_a_second", NARROW),
            lambda: setattr(road(stage), "bytes_a_second", None),
        )
        road(stage).cut()
        return window

    return fault


def cut(road: Callable[[Stage], Road]) -> Fault:
    """Connections can be made, and are torn again and again."""

    async def fault(stage: Stage, seconds: float) -> Window:
        await asyncio.sleep(BEGINS * seconds)
        began = time.monotonic()
        for _ in range(max(1, int(LASTS * seconds / CUT_EVERY_S))):
            road(stage).cut()
            await asyncio.sleep(CUT_EVERY_S)
        return Window(began, time.monotonic())

    return fault


async def nothing(_: Stage, seconds: float) -> Window:
    """All is well; once it is over, it is seen whether that is so."""
    await asyncio.sleep(seconds)
    return _now()


async def restarted(stage: Stage, seconds: float) -> Window:
    """The gateway itself ends without a word, and is started again at once."""
    await asyncio.sleep(BEGINS * seconds)
    began = time.monotonic()
    await asyncio.to_thread(stage.gateway.kill)
    await stage.start_gateway()
    return Window(began, time.monotonic())


async def swapped(stage: Stage, seconds: float) -> Window:
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


async def terminated(stage: Stage, seconds: float) -> Window:
    """SIGTERM, with slow lists in flight; RuntimeError where it does not end by itself."""
    stage.engine.road.delay = SLOW_S
    await asyncio.sleep(BEGINS * seconds + 2 * SLOW_S)
    status = await asyncio.to_thread(stage.gateway.end, 60.0)
    stage.engine.road.delay = 0.0
    await stage.start_gateway()
    if status != 0:
        raise RuntimeError(f"the service ended with {status}")
    return _now()


def _now() -> Window:
    return Window(time.monotonic(), time.monotonic())
