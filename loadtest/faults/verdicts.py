"""What was promised, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from loadtest.faults.figures import GRACE_MS, Figures
from loadtest.faults.ledger import Balance
from loadtest.faults.outcome import BUSY, TOO_MANY, TOO_OFTEN, UNAVAILABLE
from loadtest.faults.phases import ALL, CALM, LIMITED, OVERLOAD, SIGTERM, Phase
from loadtest.faults.stage import FEW

KEPT: Final = 0.9
"""Of the highest goodput, under five times the load that gives it."""

MADE: Final = 0.5
"""Of lists and answers alone. What takes no slot comes through, and takes its time from them."""

FAST_MS: Final = 250.0
"""Whoever is turned away can go elsewhere, if that is said soon."""

MOST: Final = 0.5
"""Part of a phase that may be too much for a machine on which something else runs as well."""

SLOW: Final = frozenset(f"{UNAVAILABLE} {why}" for why in (BUSY, "store_unavailable"))
"""What a machine comes to that stands still: Redis waits for its disk with each event."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that was measured."""

    peak: float
    """The highest goodput: of so many clients, right before the overload and right after it."""
    peak_made: float
    """The highest goodput of lists and answers alone."""
    phases: Mapping[str, Figures]
    kept: Balance
    """What became of the events that were acknowledged."""
    troubles: Mapping[str, str]
    """Faults that could not be made, or from which the service did not recover, by phase."""
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the witness of each fault saw of it."""
    recovered: Mapping[str, float] = field(default_factory=dict)
    """Seconds from the end of each fault until nothing was missing any more."""
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
    found = [
        _invalid(run),
        _lost(run),
        _counted_once(run),
        _errors(run),
        _needless(run),
        _recovered(run),
        _felt(run),
        _in_time(run),
        _refused(run),
    ]
    found += [_calm(run)] if CALM.name in run.phases else []
    found += [_at_sigterm(run)] if SIGTERM.name in run.phases else []
    found += [_limited(run)] if LIMITED.name in run.phases else []
    found += [_overload(run), _turned_away(run)] if OVERLOAD.name in run.phases else []
    return sorted(found, key=lambda verdict: verdict.timed)


def _invalid(run: Run) -> Verdict:
    invalid = sum(each.invalid for each in run.phases.values())
    right = sum(each.good for each in run.phases.values())
    return Verdict("0 invalid answers", not invalid, f"{invalid}, and {right:,} right ones")


def _lost(run: Run) -> Verdict:
    kept = run.kept
    said = f"{kept.lost} of {kept.acknowledged:,}"
    return Verdict("0 lost acknowledged events", not kept.lost, said)


def _counted_once(run: Run) -> Verdict:
    doubled, misplaced = run.kept.doubled, run.kept.misplaced
    said = f"{doubled} twice, {misplaced} histories in another order"
    return Verdict("each event counts once, in its place", not doubled + misplaced, said)


def _at_sigterm(run: Run) -> Verdict:
    at_end = run.phases[SIGTERM.name]
    # So little is sent then that nobody has to be turned away.
    lost = at_end.unanswered + at_end.failed + sum(at_end.shed.values())
    said = f"{lost} of {at_end.requests}, {at_end.in_flight} of them under way as it came"
    return Verdict("0 failed in flight at SIGTERM", not lost, said)


def _limited(run: Run) -> Verdict:
    """None of its requests has another status, or another bound is broken."""
    phase = run.phases[LIMITED.name]
    passed = phase.requests - phase.shed.get(f"{TOO_MANY} {TOO_OFTEN}", 0)
    exact = passed == min(FEW, phase.requests)
    said = f"{passed} of {phase.requests} passed"
    return Verdict(f"a key that may ask {FEW} times asks {FEW} times", exact, said)


def _errors(run: Run) -> Verdict:
    amiss = {name: f.failed + f.unanswered for name, f in run.phases.items()}
    said = ", ".join(f"{name}: {count}" for name, count in amiss.items() if count)
    return Verdict("no answer but 200, 429 and 503", not any(amiss.values()), said or "none")


def _needless(run: Run) -> Verdict:
    """But for what the machine may have been too slow for, which is never most of a phase."""
    said = _counts(run, busy=False)
    return Verdict("nobody is turned away who need not be", not said, said or "none")


def _refused(run: Run) -> Verdict:
    said = _counts(run, busy=True)
    return Verdict("nothing is too much but under overload", not said, said or "none", timed=True)


def _counts(run: Run, *, busy: bool) -> str:
    """Those who need not have been turned away: because the gateway was busy, or all others."""
    return ", ".join(
        f"{name}: {count} x {why}"
        for name, figures in run.phases.items()
        for why, count in figures.needless.items()
        if (why in SLOW and count <= MOST * figures.requests) == busy
    )


def _recovered(run: Run) -> Verdict:
    said = "; ".join(f"{name}: {trouble}" for name, trouble in run.troubles.items())
    slowest = max(run.recovered.values(), default=0.0)
    well = f"all, after {slowest:.1f} s at most"
    return Verdict("every fault was made, and recovered from", not run.troubles, said or well)


def _felt(run: Run) -> Verdict:
    """A fault that nobody meets proves nothing."""
    without = [p.name for p in ALL if p.felt and p.name in run.phases and not _much(run, p, p)]
    said = ", ".join(without)
    return Verdict("every fault was felt", not without, f"not {said}" if said else "all")


def _calm(run: Run) -> Verdict:
    """What is there in calm as well is no sign of a fault."""
    signs = {each.felt: each for each in ALL if each.felt}.values()
    there = {each.name: _much(run, each, CALM) for each in signs}
    said = ", ".join(f"{much} as at {name}" for name, much in there.items() if much)
    return Verdict("nothing of it is felt in calm", not said, said or "nothing", timed=True)


def _much(run: Run, of: Phase, at: Phase) -> int:
    """How much there is at one phase of that by which another is known."""
    return of.felt(run.phases[at.name], run.seen.get(at.name, ())) if of.felt else 0


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
    under = run.phases[OVERLOAD.name]
    kept = under.goodput / max(run.peak, 1e-9)
    made = under.made_a_second / max(run.peak_made, 1e-9)
    alone = f"of {run.peak_made:.0f} lists and answers {made:.0%}"
    said = f"{kept:.0%} of {run.peak:.0f} a second; {alone}"
    bound = f"overload keeps {KEPT:.0%} of the highest goodput, and {MADE:.0%} of what is made"
    return Verdict(bound, kept >= KEPT and made >= MADE, said, timed=True)


def _turned_away(run: Run) -> Verdict:
    most = run.phases[OVERLOAD.name].shed_p99_ms
    bound = f"429 and 503 under overload within {FAST_MS:.0f} ms (p99)"
    return Verdict(bound, most <= FAST_MS, f"{most:.0f} ms", timed=True)
