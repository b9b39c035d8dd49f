"""The phases of a run, and whom each excuses. All leave everything whole, so the next is clear.

What is ill changes from phase to phase: a breaker that opens twice in short order rests for longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from loadtest.faults.harm import (
    Fault,
    cut,
    delayed,
    killed,
    narrowed,
    nothing,
    restarted,
    swapped,
    terminated,
)
from loadtest.faults.outcome import Excuse
from loadtest.faults.road import Road
from loadtest.faults.stage import Stage


@dataclass(frozen=True, slots=True)
class Phase:
    """A fault under load, and for what it excuses that somebody is turned away."""

    name: str
    fault: Fault
    excuse: Excuse = Excuse.NOTHING
    deadlines: int = 1
    """How many times the ordinary deadline requests have."""


def _redis(stage: Stage) -> Road:
    return stage.redis_road


def _engine(stage: Stage) -> Road:
    return stage.engine.road


def _sidecar(stage: Stage) -> Road:
    return stage.sidecar.road


def _engine_killed() -> Fault:
    return killed(lambda on: on.engine.child.kill(), lambda on: on.engine.child.start())


def _sidecar_killed() -> Fault:
    return killed(lambda on: on.sidecar.child.kill(), lambda on: on.sidecar.child.start())


def _redis_killed() -> Fault:
    return killed(lambda on: on.redis.stop(), lambda on: on.redis.start())


CALM: Final = Phase("calm", nothing)
LIMITED: Final = Phase("key limited", nothing, Excuse.LIMIT)
FAULTS: Final = (
    Phase("gateway killed", restarted, Excuse.GATEWAY),
    Phase("redis killed", _redis_killed(), Excuse.STORE),
    Phase("engine killed", _engine_killed()),
    Phase("sidecar killed", _sidecar_killed()),
    Phase("redis delayed", delayed(_redis), Excuse.STORE),
    Phase("engine delayed", delayed(_engine)),
    Phase("sidecar delayed", delayed(_sidecar)),
    Phase("redis cut", cut(_redis), Excuse.STORE),
    Phase("engine cut", cut(_engine)),
    Phase("sidecar cut", cut(_sidecar)),
    Phase("engine narrowed", narrowed(_engine)),
    Phase("catalogue swapped", swapped),
)
OVERLOAD: Final = Phase("overload", nothing, Excuse.LOAD)
SIGTERM: Final = Phase("SIGTERM", terminated, deadlines=5)
ALL: Final = (CALM, *FAULTS, LIMITED, OVERLOAD, SIGTERM)
