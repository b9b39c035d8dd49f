"""The whole run: the highest goodput, one phase after another, and then what was lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from dataclasses import dataclass, field
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

AGAIN: Final = ", again"
"""The same after the overload: the better of both is the highest."""

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


@dataclass(frozen=True, slots=True)
class _Under:
    """What is loaded, by what, and what is known of it so far, by phase."""

    stage: Stage
    load: Load
    plan: Plan
    phases: dict[str, Figures] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)
    stalled: dict[str, float] = field(default_factory=dict)

    async def closed(self, when: str = "") -> list[Figures]:
        """By clients that wait for their answers, more of them each time."""
        part = self.plan.seconds / len(SIDE_BY_SIDE)
        names = [f"{clients} clients{when}" for clients in SIDE_BY_SIDE]
        for name, clients in zip(names, SIDE_BY_SIDE, strict=True):
            self.phases[name] = await self.load.run(
                "closed", seconds=part, clients=clients, deadline_ms=self.plan.deadline_ms
            )
        return [self.phases[name] for name in names]

    async def faulty(self, phase: Phase, rate: float) -> None:
        """One phase at this rate, whatever is answered."""
        before = self.stage.gateway.waited()
        sent, trouble = await _phase(phase, self.stage, self.load, self.plan, rate)
        self.phases[phase.name] = sent
        waited = self.stage.gateway.waited() - before
        self.stalled[phase.name] = max(0.0, waited) / self.plan.seconds
        if trouble:
            self.troubles[phase.name] = trouble


async def run(folder: Path, plan: Plan) -> Run:
    """Everything, in a folder that is thrown away afterwards."""
    versions = await asyncio.to_thread(built, folder / "shop")
    cores = split_cores()
    os.sched_setaffinity(0, cores[1])
    async with staged(folder, versions, cores) as stage, loading(stage, cores[1]) as load:
        return await _phases(stage, load, plan)


async def _phases(stage: Stage, load: Load, plan: Plan) -> Run:
    under = _Under(stage, load, plan)
    before = await under.closed()
    peak = max(each.goodput for each in before)
    rate = plan.rate or ORDINARY * peak
    for phase in (CALM, *FAULTS):
        await under.faulty(phase, rate)
    await under.faulty(OVERLOAD, TIMES * peak)
    # What was slow as the run began would be a peak that is easily kept.
    after = await under.closed(AGAIN)
    await under.faulty(SIGTERM, min(rate, AT_END))
    await stage.start_gateway()
    kept = await load.tell("lost")
    made = max(each.made_a_second for each in (*before, *after))
    lost = kept["acknowledged"], kept["lost"]
    return Run(made, under.phases, *lost, under.troubles, under.stalled)


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
