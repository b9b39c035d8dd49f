"""What was promised, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from loadtest.faults.figures import GRACE_MS, Figures
from loadtest.faults.phases import OVERLOAD, SIGTERM

KEPT: Final = 0.9
"""Of the highest goodput, under five times the load that gives it."""

FAST_MS: Final = 250.0
"""Whoever is turned away can go elsewhere, if that is said soon."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that was measured."""

    peak: float
    """The highest goodput of lists and answers, before the overload or after it."""
    phases: Mapping[str, Figures]
    acknowledged: int
    lost: int
    troubles: Mapping[str, str]
    """Faults that could not be made, or from which the service did not recover, by phase."""
    stalled: Mapping[str, float] = field(default_factory=dict)
    """Part of each phase for which the gateway could have run and others had its core."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bound; `timed` if it depends on how fast the machine is."""

    bound: str
    holds: bool
    said: str
    timed: bool = False


def verdicts(run: Run) -> list[Verdict]:
    """Every bound, in the order of how grave it is to break it."""
    invalid = sum(each.invalid for each in run.phases.values())
    right = sum(each.good for each in run.phases.values())
    return [
        Verdict("0 invalid answers", not invalid, f"{invalid}, and {right:,} right ones"),
        Verdict("0 lost acknowledged events", not run.lost, f"{run.lost} of {run.acknowledged:,}"),
        _at_sigterm(run),
        _errors(run),
        _recovered(run),
        _in_time(run),
        _overload(run),
        _turned_away(run),
    ]


def _at_sigterm(run: Run) -> Verdict:
    at_end = run.phases[SIGTERM.name]
    # So little is sent then that nobody has to be turned away.
    lost = at_end.unanswered + at_end.failed + sum(at_end.shed.values())
    return Verdict("0 failed in flight at SIGTERM", not lost, f"{lost} of {at_end.requests}")


def _errors(run: Run) -> Verdict:
    amiss = {name: f.failed + f.unanswered for name, f in run.phases.items()}
    said = ", ".join(f"{name}: {count}" for name, count in amiss.items() if count)
    return Verdict("no answer but 200, 429 and 503", not any(amiss.values()), said or "none")


def _recovered(run: Run) -> Verdict:
    said = "; ".join(f"{name}: {trouble}" for name, trouble in run.troubles.items())
    return Verdict("every fault was made and mended", not run.troubles, said or "all")


def _in_time(run: Run) -> Verdict:
    late = {
        name: slowest
        for name, f in run.phases.items()
        if (slowest := max(f.p99_ms, f.shed_p99_ms)) > f.deadline_ms + GRACE_MS
    }
    said = ", ".join(f"{name}: {p99:.0f} ms" for name, p99 in late.items())
    bound = f"p99 within the deadline + {GRACE_MS:.0f} ms in every phase"
    return Verdict(bound, not late, said or "all", timed=True)


def _overload(run: Run) -> Verdict:
    kept = run.phases[OVERLOAD.name].made_a_second / max(run.peak, 1e-9)
    said = f"{kept:.0%} of {run.peak:.0f} lists and answers a second"
    bound = f"overload keeps {KEPT:.0%} of the highest goodput"
    return Verdict(bound, kept >= KEPT, said, timed=True)


def _turned_away(run: Run) -> Verdict:
    most = run.phases[OVERLOAD.name].shed_p99_ms
    bound = f"429 and 503 under overload within {FAST_MS:.0f} ms (p99)"
    return Verdict(bound, most <= FAST_MS, f"{most:.0f} ms", timed=True)
