"""What is done to a stage, phase by phase. Each leaves everything whole, so that the next is clear.

A fault begins when a quarter of its phase is over and ends at 60%: the rest shows the recovery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import aiohttp

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

Fault: TypeAlias = Callable[[Stage, float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Phase:
    """A fault under load; `rate` is a multiple of the ordinary one."""

    name: str
    fault: Fault
    deadlines: int = 1
    """How many times the ordinary deadline requests have."""


def killed(kill: Callable[[Stage], object], start: Callable[[Stage], object]) -> Fault:
    """Something ends without a word, and comes back."""

    async def fault(stage: Stage, seconds: float) -> None:
        await asyncio.sleep(BEGINS * seconds)
        await asyncio.to_thread(kill, stage)
        await asyncio.sleep(LASTS * seconds)
        await asyncio.to_thread(start, stage)

    return fault


def delayed(road: Callable[[Stage], Road]) -> Fault:
    """All that is said on a road takes seconds to arrive."""

    async def fault(stage: Stage, seconds: float) -> None:
        await asyncio.sleep(BEGINS * seconds)
        road(stage).delay = DELAY_S
        await asyncio.sleep(LASTS * seconds)
        road(stage).delay = 0.0

    return fault


def narrowed(road: Callable[[Stage], Road]) -> Fault:
    """A road lets so little through that answers drip."""

    async def fault(stage: Stage, seconds: float) -> None:
        await asyncio.sleep(BEGINS * seconds)
        road(stage).bytes_a_second = NARROW
        await asyncio.sleep(LASTS * seconds)
        road(stage).bytes_a_second = None
        road(stage).cut()

    return fault


def cut(road: Callable[[Stage], Road]) -> Fault:
    """Connections can be made, and are torn again and again."""

    async def fault(stage: Stage, seconds: float) -> None:
        await asyncio.sleep(BEGINS * seconds)
        for _ in range(max(1, int(LASTS * seconds / CUT_EVERY_S))):
            road(stage).cut()
            await asyncio.sleep(CUT_EVERY_S)

    return fault


async def nothing(_: Stage, __: float) -> None:
    """All is well."""


async def swapped(stage: Stage, seconds: float) -> None:
    """The other version of the catalogue, back, and so on; RuntimeError where that is refused."""
    headers = {"x-api-key": stage.admin}
    async with aiohttp.ClientSession(stage.url, headers=headers) as session:
        for turn in range(SWAPS):
            await asyncio.sleep(seconds / (SWAPS + 2))
            route = "rollback" if turn % 2 else "reload"
            body = None if turn % 2 else {"version": stage.versions.other}
            async with session.post(f"/catalogue/{route}", json=body) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"{route}: {answer.status} {await answer.text()}")


async def terminated(stage: Stage, seconds: float) -> None:
    """SIGTERM, with slow lists in flight; RuntimeError where it does not end by itself."""
    stage.engine.road.delay = SLOW_S
    await asyncio.sleep(BEGINS * seconds + 2 * SLOW_S)
    status = await asyncio.to_thread(stage.gateway.end, 60.0)
    stage.engine.road.delay = 0.0
    if status != 0:
        raise RuntimeError(f"the service ended with {status}")


def _redis(stage: Stage) -> Road:
    return stage.redis_road


def _engine(stage: Stage) -> Road:
    return stage.engine.road


def _sidecar(stage: Stage) -> Road:
    return stage.sidecar.road


CALM: Final = Phase("calm", nothing)
FAULTS: Final = (
    Phase("redis killed", killed(lambda on: on.redis.stop(), lambda on: on.redis.start())),
    Phase("redis delayed", delayed(_redis)),
    Phase("redis cut", cut(_redis)),
    Phase(
        "engine killed",
        killed(lambda on: on.engine.child.kill(), lambda on: on.engine.child.start()),
    ),
    Phase("engine delayed", delayed(_engine)),
    Phase("engine narrowed", narrowed(_engine)),
    Phase("engine cut", cut(_engine)),
    Phase(
        "sidecar killed",
        killed(lambda on: on.sidecar.child.kill(), lambda on: on.sidecar.child.start()),
    ),
    Phase("sidecar delayed", delayed(_sidecar)),
    Phase("sidecar cut", cut(_sidecar)),
    Phase("catalogue swapped", swapped),
)
OVERLOAD: Final = Phase("overload", nothing)
SIGTERM: Final = Phase("SIGTERM", terminated, deadlines=5)
