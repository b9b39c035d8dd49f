"""The whole run: the highest goodput, one phase after another, and then what was lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.faults.figures import Figures
from loadtest.faults.load import Load, loading
from loadtest.faults.phases import CALM, FAULTS, OVERLOAD, SIGTERM, Phase
from loadtest.faults.shop import built
from loadtest.faults.stage import Stage, staged
from loadtest.faults.verdicts import Run
from loadtest.served import split_cores

SIDE_BY_SIDE: Final = (8, 24, 48)
"""Clients that the highest goodput is looked for with."""

TIMES: Final = 5
"""Overload, of the highest goodput."""

ORDINARY: Final = 0.4
"""The other phases, of the highest goodput."""

AT_END: Final = 20.0
"""The most requests a second at SIGTERM: each takes long then, and none is to be turned away."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how much, how fast."""

    seconds: float
    rate: float | None
    deadline_ms: int


async def run(folder: Path, plan: Plan) -> Run:
    """Everything, in a folder that is thrown away afterwards."""
    versions = await asyncio.to_thread(built, folder / "shop")
    cores = split_cores()
    os.sched_setaffinity(0, cores[1])
    async with staged(folder, versions, cores) as stage, loading(stage, cores[1]) as load:
        return await _phases(stage, load, plan)


async def _phases(stage: Stage, load: Load, plan: Plan) -> Run:
    phases, troubles, stalled = {}, {}, {}
    for clients in SIDE_BY_SIDE:
        part = plan.seconds / len(SIDE_BY_SIDE)
        how = {"seconds": part, "clients": clients, "deadline_ms": plan.deadline_ms}
        phases[f"{clients} clients"] = await load.run("closed", **how)
    peak = max(each.goodput for each in phases.values())
    made = max(each.made_a_second for each in phases.values())
    rate = plan.rate or ORDINARY * peak
    rates = {OVERLOAD: TIMES * peak, SIGTERM: min(rate, AT_END)}
    for phase in (CALM, *FAULTS, OVERLOAD, SIGTERM):
        before = stage.gateway.waited()
        sent, trouble = await _phase(phase, stage, load, plan, rates.get(phase, rate))
        phases[phase.name] = sent
        stalled[phase.name] = max(0.0, stage.gateway.waited() - before) / plan.seconds
        if trouble:
            troubles[phase.name] = trouble
    await stage.start_gateway()
    kept = await load.tell("lost")
    return Run(made, phases, kept["acknowledged"], kept["lost"], troubles, stalled)


async def _phase(
    phase: Phase, stage: Stage, load: Load, plan: Plan, rate: float
) -> tuple[Figures, str | None]:
    """A fault under load; what went wrong with the fault itself is told, the load goes on."""
    sending: Awaitable[Figures] = load.run(
        "open",
        seconds=plan.seconds,
        rate=rate,
        deadline_ms=phase.deadlines * plan.deadline_ms,
        until_unready=phase is SIGTERM,
    )
    sent, made = await asyncio.gather(
        sending, phase.fault(stage, plan.seconds), return_exceptions=True
    )
    if isinstance(sent, BaseException):
        raise sent
    if isinstance(made, Exception):
        return sent, f"{type(made).__name__}: {made}"
    if made is not None:
        raise made
    return sent, None
