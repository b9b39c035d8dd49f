"""From outcomes to figures, and from figures to what was kept of the promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtest.faults.figures import Figures, figures
from loadtest.faults.ledger import Kept
from loadtest.faults.outcome import Outcome, Window
from loadtest.faults.phases import ALL, FAULTS, LIMITED, OVERLOAD, SIGTERM
from loadtest.faults.stage import FEW
from loadtest.faults.verdicts import Run, verdicts
from loadtest.traffic.asks import Kind

LIST = Outcome(Kind.LIST, 200, 100.0, 0.0, path="llm")


def summed(*outcomes: Outcome) -> Figures:
    return figures(outcomes, 2.0, 1_000)


def test_each_outcome_counts_for_what_it_is() -> None:
    made = summed(
        LIST,
        replace(LIST, path="ranked", degraded=True, milliseconds=1_049.0),
        replace(LIST, milliseconds=1_051.0),
        replace(LIST, wrong=["an item stands there twice"]),
        Outcome(Kind.QUESTION, 200, 90.0, 0.0, path="llm", thought=True),
        Outcome(Kind.EVENTS, 200, 5.0, 0.0),
        Outcome(Kind.LIST, 503, 5.0, 0.0, code="overloaded"),
        Outcome(Kind.LIST, 429, 7.0, 0.0, code="too_many"),
        Outcome(Kind.FEEDBACK, 404, 5.0, 0.0, wrong=["no list"]),
        Outcome(Kind.LIST, 404, 5.0, 0.0, wrong=["no such path"]),
        Outcome(Kind.EVENTS, 500, 5.0, 0.0, wrong=["internal"]),
        Outcome(Kind.EVENTS, None, 5.0, 0.0, wrong=["disconnected"]),
    )
    assert (made.requests, made.good, made.goodput) == (12, 4, 2.0)
    assert (made.good_made, made.made_a_second) == (3, 1.5)
    assert made.shed == {"503 overloaded": 1, "429 too_many": 1}
    assert made.needless == made.shed
    assert (made.failed, made.unanswered, made.cut_off, made.invalid) == (3, 1, 0, 1)
    assert (made.made, made.degraded, made.paths) == (5, 1, {"llm": 3, "ranked": 1})
    assert (made.questions, made.thoughts) == (1, 1)
    assert 5.0 < made.shed_p99_ms < 7.0
    assert (made.p50_ms, round(made.p99_ms, 2)) == (100.0, 1_050.9)
    assert made.slowest[0] == "/recommend 200 after 1051 ms: llm"


def test_quick_refusals_hide_no_late_answer() -> None:
    refused = Outcome(Kind.LIST, 503, 2.0, 0.0, code="overloaded")
    late = replace(LIST, milliseconds=2_000.0)
    made = summed(*[refused] * 990, *[late] * 10)
    assert (made.p50_ms, made.p99_ms, made.shed_p99_ms) == (2_000.0, 2_000.0, 2.0)


def test_a_phase_without_requests_has_figures() -> None:
    assert summed().p99_ms == 0.0
    assert summed().degraded_share == 0.0


CALM = summed(*[LIST] * 100)
LIMIT = f"a key that may ask {FEW} times asks {FEW} times"
NEEDLESS = "nobody is turned away who need not be"
TOO_MUCH = "nothing is too much but under overload"
LATE = "p99 within the deadline + 50 ms in every phase"


@pytest.fixture
def kept() -> Run:
    phases = {phase.name: CALM for phase in ALL}
    phases[LIMITED.name] = replace(CALM, shed={"429 rate_limited": CALM.requests - FEW})
    return Run(peak=50.0, peak_made=40.0, phases=phases, kept=Kept(10), troubles={})


def broken(run: Run) -> list[str]:
    return [verdict.bound for verdict in verdicts(run) if not verdict.holds]


def test_all_bounds_hold_where_all_is_well(kept: Run) -> None:
    assert broken(kept) == []


@pytest.mark.parametrize(
    ("phase", "change", "bound"),
    [
        ("calm", {"invalid": 1}, "0 invalid answers"),
        ("calm", {"failed": 1}, "no answer but 200, 429 and 503"),
        ("calm", {"unanswered": 1}, "no answer but 200, 429 and 503"),
        ("calm", {"needless": {"503 store_unavailable": 1}}, TOO_MUCH),
        ("calm", {"needless": {"503 store_unavailable": 51}}, NEEDLESS),
        ("calm", {"needless": {"503 engine_failed": 1}}, NEEDLESS),
        ("engine killed", {"needless": {"503 engine_failed": 1}}, NEEDLESS),
        ("redis cut", {"needless": {"429 rate_limited": 1}}, NEEDLESS),
        ("gateway killed", {"unanswered": 1}, "no answer but 200, 429 and 503"),
        ("sidecar cut", {"needless": {"503 overloaded": 1}}, TOO_MUCH),
        ("sidecar cut", {"needless": {"503 overloaded": 50}}, TOO_MUCH),
        ("sidecar cut", {"needless": {"503 overloaded": 51}}, NEEDLESS),
        (LIMITED.name, {"shed": {"429 rate_limited": 100 - FEW - 1}}, LIMIT),
        (LIMITED.name, {"shed": {"429 rate_limited": 100 - FEW + 1}}, LIMIT),
        (LIMITED.name, {"shed": {}}, LIMIT),
        ("calm", {"p99_ms": 1_051.0}, LATE),
        ("calm", {"shed_p99_ms": 1_051.0}, LATE),
        (SIGTERM.name, {"shed": {"503 x": 1}}, "0 failed in flight at SIGTERM"),
        (SIGTERM.name, {"shed": {"429 x": 1}}, "0 failed in flight at SIGTERM"),
        (OVERLOAD.name, {"good": 89}, "overload keeps 90% of the highest goodput"),
        (OVERLOAD.name, {"shed_p99_ms": 251.0}, "429 and 503 under overload within 250 ms (p99)"),
    ],
)
def test_each_bound_can_be_broken(
    phase: str, change: dict[str, Any], bound: str, kept: Run
) -> None:
    phases = {**kept.phases, phase: replace(kept.phases[phase], **change)}
    assert broken(replace(kept, phases=phases)) == [bound]


def test_who_is_not_answered_at_sigterm_was_in_flight(kept: Run) -> None:
    phases = {**kept.phases, SIGTERM.name: replace(kept.phases[SIGTERM.name], unanswered=1)}
    assert "0 failed in flight at SIGTERM" in broken(replace(kept, phases=phases))


@pytest.mark.parametrize(
    ("made_of_them", "bound"),
    [
        (Kept(10, lost=1), "0 lost acknowledged events"),
        (Kept(10, doubled=1), "each event counts once, in its place"),
        (Kept(10, misplaced=1), "each event counts once, in its place"),
    ],
)
def test_what_was_acknowledged_stands_where_it_belongs(
    made_of_them: Kept, bound: str, kept: Run
) -> None:
    assert broken(replace(kept, kept=made_of_them)) == [bound]


def test_a_fault_that_could_not_be_made_or_mended_is_no_proof(kept: Run) -> None:
    assert broken(replace(kept, troubles={"redis killed": "it would not start"})) == [
        "every fault was made, and recovered from"
    ]


@pytest.mark.parametrize("code", ["overloaded", "store_unavailable", "engine_failed"])
def test_a_service_that_refuses_all_after_each_fault_is_found_out(code: str, kept: Run) -> None:
    refused = [Outcome(Kind.LIST, 503, 5.0, 0.0, code=code, needs_store=True, due=100.0)] * 100
    dead = {
        phase.name: figures(refused, 2.0, 1_000, phase.excuse, Window(10.0, 20.0))
        for phase in FAULTS
    }
    assert broken(replace(kept, phases={**kept.phases, **dead})) == [NEEDLESS]


def test_bounds_of_phases_that_were_left_out_are_none(kept: Run) -> None:
    found = {each.bound for each in verdicts(replace(kept, phases={"calm": CALM}))}
    assert not found & {LIMIT, "0 failed in flight at SIGTERM"}
    assert not any("overload keeps" in bound or "429 and 503 under" in bound for bound in found)
