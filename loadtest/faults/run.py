"""The whole run: the highest goodput, one phase after another, and then what was lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest.faults.figures import Figures
from loadtest.faults.harm import Witness
from loadtest.faults.load import Load, loading
from loadtest.faults.outcome import Excuse, Window
from loadtest.faults.phases import ALL, OVERLOAD, SIGTERM, Phase
from loadtest.faults.recovery import Probe
from loadtest.faults.sending import Pace
from loadtest.faults.shop import built
from loadtest.faults.stage import Stage, staged
from loadtest.faults.verdicts import Run
from loadtest.served import split_cores
from loadtest.traffic.goods import goods_in

SIDE_BY_SIDE: Final = (8, 24, 48)
"""Clients that the highest goodput is looked for with."""

BEFORE: Final = ", before"
AFTER: Final = ", after"
"""The same right before the overload and right after it: a machine that is shared is now faster and
now slower, and a service that has just begun is slower than later on."""

TIMES: Final = 5
"""Overload, of the highest goodput."""

ORDINARY: Final = 0.4
"""The other phases, of the highest goodput."""

AT_END: Final = 20.0
"""The most requests a second at SIGTERM: each takes long then, and none is to be turned away."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how much, how fast, and what."""

    seconds: float
    rate: float | None
    deadline_ms: int
    phases: Sequence[Phase] = ALL


@dataclass(frozen=True, slots=True)
class _Under:
    """What is loaded, by what, and what is known of it so far, by phase."""

    stage: Stage
    load: Load
    probe: Probe
    plan: Plan
    phases: dict[str, Figures] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)
    recovered: dict[str, float] = field(default_factory=dict)
    stalled: dict[str, float] = field(default_factory=dict)

    async def closed(self, when: str = "") -> list[Figures]:
        """By clients that wait for their answers, more of them each time."""
        part, deadline_ms = self.plan.seconds / 2, self.plan.deadline_ms
        made = []
        for clients in SIDE_BY_SIDE:
            await self.load.send(Pace(part, deadline_ms, clients=clients))
            made.append(await self.load.judged(deadline_ms, Excuse.LOAD, None))
            self.phases[f"{clients} clients{when}"] = made[-1]
        return made

    async def overloaded(self) -> tuple[float, float]:
        """More than can be carried; the highest goodput around it, of all, and of what is made."""
        before = await self.closed(BEFORE)
        await self.faulty(OVERLOAD, TIMES * max(each.goodput for each in before))
        around = list(zip(before, await self.closed(AFTER), strict=True))
        return (
            max((one.goodput + other.goodput) / 2 for one, other in around),
            max((one.made_a_second + other.made_a_second) / 2 for one, other in around),
        )

    async def faulty(self, phase: Phase, rate: float) -> None:
        """One phase at this rate, whatever is answered; what went wrong with the fault is told."""
        before, pace = self.stage.gateway.waited(), self._pace(phase, rate)
        sent, made = await asyncio.gather(
            self.load.send(pace), self._made_and_mended(phase), return_exceptions=True
        )
        if isinstance(sent, BaseException):
            raise sent
        if isinstance(made, Exception):
            self.troubles[phase.name] = f"{type(made).__name__}: {made}"
        elif isinstance(made, BaseException):
            raise made
        window = made if isinstance(made, Window) else None
        self.phases[phase.name] = await self.load.judged(pace.deadline_ms, phase.excuse, window)
        waited = self.stage.gateway.waited() - before
        self.stalled[phase.name] = max(0.0, waited) / self.plan.seconds

    async def _made_and_mended(self, phase: Phase) -> Window:
        witness = Witness(lambda: self.probe.misses(phase.tried))
        self.seen[phase.name] = witness.seen
        window = await phase.fault(self.stage, self.plan.seconds, witness)
        try:
            self.recovered[phase.name] = await self.probe.recovered(window.ended)
        except RuntimeError as error:
            self.troubles[phase.name] = f"{type(error).__name__}: {error}"
        return window

    def _pace(self, phase: Phase, rate: float) -> Pace:
        return Pace(
            self.plan.seconds,
            phase.deadlines * self.plan.deadline_ms,
            rate=rate,
            until_unready=phase is SIGTERM,
            limited=phase.excuse is Excuse.LIMIT,
            sound=phase.excuse is Excuse.NOTHING,
        )


async def run(folder: Path, plan: Plan) -> Run:
    """Everything, in a folder that is thrown away afterwards."""
    versions = await asyncio.to_thread(built, folder / "shop")
    goods = await asyncio.to_thread(goods_in, versions.folder)
    cores = split_cores()
    os.sched_setaffinity(0, cores[1])
    async with (
        staged(folder, versions, cores, plan.deadline_ms) as stage,
        loading(stage, cores[1]) as load,
    ):
        probe = Probe(goods, stage.url, stage.keys.shop, plan.deadline_ms)
        return await _phases(_Under(stage, load, probe, plan))


async def _phases(under: _Under) -> Run:
    first = await under.closed()
    peaks = max(each.goodput for each in first), max(each.made_a_second for each in first)
    rate = under.plan.rate or ORDINARY * peaks[0]
    for phase in (phase for phase in ALL if phase in under.plan.phases):
        if phase is OVERLOAD:
            peaks = await under.overloaded()
        else:
            await under.faulty(phase, min(rate, AT_END) if phase is SIGTERM else rate)
    kept = await under.probe.kept() + await under.load.kept()
    return Run(
        *peaks,
        phases=under.phases,
        kept=kept,
        troubles=under.troubles,
        seen=under.seen,
        recovered=under.recovered,
        stalled=under.stalled,
    )
