"""The phases of a run, and whom each excuses. All leave everything whole, so the next is clear.

What is ill changes from phase to phase: a breaker that opens twice in short order rests for longer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from loadtest.faults.felt import Felt, by_in_flight, by_silence, by_versions, by_witness
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
from loadtest.faults.recovery import TRIED
from loadtest.faults.road import Road
from loadtest.faults.stage import Stage
from loadtest.traffic.asks import Kind


@dataclass(frozen=True, slots=True)
class Phase:
    """A fault under load, and for what it excuses that somebody is turned away."""

    name: str
    fault: Fault
    excuse: Excuse = Excuse.NOTHING
    deadlines: int = 1
    """How many times the ordinary deadline requests have."""
    tried: Collection[Kind] = ()
    """What its witness asks for, which has to be missing while the fault lasts."""
    felt: Felt | None = None
    """By what it is known that there was a fault."""


def _redis(stage: Stage) -> Road:
    return stage.redis_road


def _engine(stage: Stage) -> Road:
    return stage.engine.road


def _sidecar(stage: Stage) -> Road:
    return stage.sidecar.road


def _of_store(name: str, fault: Fault) -> Phase:
    return Phase(name, fault, Excuse.STORE, tried=(Kind.EVENTS,), felt=by_witness)


def _of_engine(name: str, fault: Fault) -> Phase:
    return Phase(name, fault, tried=(Kind.LIST,), felt=by_witness)


def _of_sidecar(name: str, fault: Fault) -> Phase:
    return Phase(name, fault, tried=(Kind.QUESTION,), felt=by_witness)


def _engine_killed() -> Fault:
    return killed(lambda on: on.engine.child.kill(), lambda on: on.engine.child.start())


def _sidecar_killed() -> Fault:
    return killed(lambda on: on.sidecar.child.kill(), lambda on: on.sidecar.child.start())


def _redis_killed() -> Fault:
    return killed(lambda on: on.redis.stop(), lambda on: on.redis.start())


CALM: Final = Phase("calm", nothing, tried=TRIED)
LIMITED: Final = Phase("key limited", nothing, Excuse.LIMIT)
FAULTS: Final = (
    Phase("gateway killed", restarted, Excuse.GATEWAY, felt=by_silence),
    _of_store("redis killed", _redis_killed()),
    _of_engine("engine killed", _engine_killed()),
    _of_sidecar("sidecar killed", _sidecar_killed()),
    _of_store("redis delayed", delayed(_redis)),
    _of_engine("engine delayed", delayed(_engine)),
    _of_sidecar("sidecar delayed", delayed(_sidecar)),
    _of_store("redis cut", cut(_redis)),
    _of_engine("engine cut", cut(_engine)),
    _of_sidecar("sidecar cut", cut(_sidecar)),
    _of_engine("engine narrowed", narrowed(_engine)),
    Phase("catalogue swapped", swapped, felt=by_versions),
)
OVERLOAD: Final = Phase("overload", nothing, Excuse.LOAD)
SIGTERM: Final = Phase("SIGTERM", terminated, deadlines=5, felt=by_in_flight)
ALL: Final = (CALM, *FAULTS, LIMITED, OVERLOAD, SIGTERM)
