"""From outcomes to figures, and from figures to what was kept of the promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtest.faults.felt import by_witness
from loadtest.faults.figures import Figures, figures
from loadtest.faults.ledger import Balance
from loadtest.faults.outcome import Outcome, Window
from loadtest.faults.phases import ALL, FAULTS, LIMITED, OVERLOAD, SIGTERM, Phase
from loadtest.faults.phases import CALM as CALM_PHASE
from loadtest.faults.stage import FEW
from loadtest.faults.verdicts import Run, verdicts
from loadtest.traffic.asks import Kind

LIST = Outcome(Kind.LIST, 200, 100.0, 0.0, path="llm", catalogue="c1")


def summed(*outcomes: Outcome) -> Figures:
    return figures(outcomes, 2.0, 1_000)


def test_each_outcome_counts_for_what_it_is() -> None:
    made = summed(
        LIST,
        replace(LIST, path="ranked", degraded=True, milliseconds=1_049.0),
        replace(LIST, milliseconds=1_051.0),
        replace(LIST, wrong=["an item stands there twice"]),
        replace(LIST, catalogue="c2"),
        Outcome(Kind.QUESTION, 200, 90.0, 0.0, path="llm", thought=True),
        Outcome(Kind.EVENTS, 200, 5.0, 0.0),
        Outcome(Kind.LIST, 503, 5.0, 0.0, code="overloaded"),
        Outcome(Kind.LIST, 429, 7.0, 0.0, code="too_many"),
        Outcome(Kind.FEEDBACK, 404, 5.0, 0.0, wrong=["no list"]),
        Outcome(Kind.LIST, 404, 5.0, 0.0, wrong=["no such path"]),
        Outcome(Kind.EVENTS, 500, 5.0, 0.0, wrong=["internal"]),
        Outcome(Kind.EVENTS, None, 5.0, 0.0, wrong=["disconnected"]),
    )
    assert (made.requests, made.good, made.goodput) == (13, 5, 2.5)
    assert (made.good_made, made.made_a_second) == (4, 2.0)
    assert made.shed == {"503 overloaded": 1, "429 too_many": 1}
    assert made.needless == made.shed
    assert (made.failed, made.unanswered, made.cut_off, made.invalid) == (3, 1, 0, 1)
    assert (made.made, made.degraded, made.paths) == (6, 1, {"llm": 4, "ranked": 1})
    assert made.catalogues == {"c1": 4, "c2": 1}
    assert (made.questions, made.thoughts) == (1, 1)
    assert 5.0 < made.shed_p99_ms < 7.0
    assert (made.p50_ms, round(made.p99_ms, 2)) == (100.0, 1_050.88)
    assert made.slowest[0] == "/recommend 200 after 1051 ms: llm"


def test_quick_refusals_hide_no_late_answer() -> None:
    refused = Outcome(Kind.LIST, 503, 2.0, 0.0, code="overloaded")
    late = replace(LIST, milliseconds=2_000.0)
    made = summed(*[refused] * 990, *[late] * 10)
    assert (made.p50_ms, made.p99_ms, made.shed_p99_ms) == (2_000.0, 2_000.0, 2.0)


def test_a_phase_without_requests_has_figures() -> None:
    assert summed().p99_ms == 0.0
    assert summed().degraded_share == 0.0


def test_what_was_under_way_as_a_fault_began_was_in_flight() -> None:
    dues = [9.85, 9.95, 9.99, 10.05]
    outcomes = [replace(LIST, due=due) for due in dues]
    assert figures(outcomes, 2.0, 1_000, window=Window(10.0, 11.0)).in_flight == 2
    # Where nothing was done there was nothing to be met, nor where no fault could be made.
    assert figures(outcomes, 2.0, 1_000, window=Window(10.0, 10.0)).in_flight == 0
    assert figures(outcomes, 2.0, 1_000).in_flight == 0


CALM = summed(*[LIST] * 100)
SEEN = {phase.name: ["it does without something"] for phase in FAULTS if phase.felt is by_witness}
FELT = "every fault was felt"
IN_CALM = "nothing of it is felt in calm"
OVERLOADED = "overload keeps 90% of the highest goodput, and 50% of what is made"
LIMIT = f"a key that may ask {FEW} times asks {FEW} times"
NEEDLESS = "nobody is turned away who need not be"
TOO_MUCH = "nothing is too much but under overload"
LATE = "p99 within the deadline + 50 ms in every phase"


@pytest.fixture
def kept() -> Run:
    phases = {phase.name: CALM for phase in ALL}
    phases["gateway killed"] = replace(CALM, cut_off=1)
    phases["catalogue swapped"] = replace(CALM, catalogues={"c1": 1, "c2": 1})
    phases[SIGTERM.name] = replace(CALM, in_flight=1)
    phases[LIMITED.name] = replace(CALM, shed={"429 rate_limited": CALM.requests - FEW})
    return Run(50.0, 40.0, phases=phases, kept=Balance(10), troubles={}, seen=SEEN)


def broken(run: Run) -> list[str]:
    return [verdict.bound for verdict in verdicts(run) if not verdict.holds]


def test_all_bounds_hold_where_all_is_well(kept: Run) -> None:
    assert broken(kept) == []


@pytest.mark.parametrize(
    ("phase", "change", "bound"),
    [
        ("calm", {"invalid": 1}, "0 invalid answers"),
        ("calm", {"failed": 1}, "no answer but 200, 429 and 503"),
        ("redis cut", {"unanswered": 1}, "no answer but 200, 429 and 503"),
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
        (OVERLOAD.name, {"good": 89}, OVERLOADED),
        # However many events come through: lists and answers are made up for by none of them.
        (OVERLOAD.name, {"good": 500, "good_made": 39}, OVERLOADED),
        ("calm", {"cut_off": 1}, IN_CALM),
        ("calm", {"in_flight": 1}, IN_CALM),
        ("calm", {"catalogues": {"c1": 1, "c2": 1}}, IN_CALM),
        (OVERLOAD.name, {"shed_p99_ms": 251.0}, "429 and 503 under overload within 250 ms (p99)"),
    ],
)
def test_each_bound_can_be_broken(
    phase: str, change: dict[str, Any], bound: str, kept: Run
) -> None:
    phases = {**kept.phases, phase: replace(kept.phases[phase], **change)}
    assert broken(replace(kept, phases=phases)) == [bound]


@pytest.mark.parametrize("phase", [*FAULTS, SIGTERM], ids=lambda phase: phase.name)
def test_a_fault_that_leaves_all_as_it_is_in_calm_proves_nothing(phase: Phase, kept: Run) -> None:
    felt = replace(kept, phases={**kept.phases, phase.name: CALM})
    unseen = replace(felt, seen={**kept.seen, phase.name: kept.seen.get("calm", [])})
    assert broken(unseen) == [FELT]
    assert phase.name in next(each.said for each in verdicts(unseen) if each.bound == FELT)


def test_a_sign_that_calm_shows_as_well_is_none(kept: Run) -> None:
    assert broken(replace(kept, seen={**kept.seen, "calm": ["/answer: 503"]})) == [IN_CALM]


def test_each_fault_has_a_sign() -> None:
    assert [phase.name for phase in (*FAULTS, SIGTERM) if phase.felt is None] == []
    witnessed = [phase for phase in ALL if phase.felt is by_witness]
    assert all(phase.tried for phase in witnessed)
    assert {kind for phase in witnessed for kind in phase.tried} == set(CALM_PHASE.tried)


def test_who_is_not_answered_at_sigterm_was_in_flight(kept: Run) -> None:
    phases = {**kept.phases, SIGTERM.name: replace(kept.phases[SIGTERM.name], unanswered=1)}
    assert "0 failed in flight at SIGTERM" in broken(replace(kept, phases=phases))


@pytest.mark.parametrize(
    ("made_of_them", "bound"),
    [
        (Balance(10, lost=1), "0 lost acknowledged events"),
        (Balance(10, doubled=1), "each event counts once, in its place"),
        (Balance(10, misplaced=1), "each event counts once, in its place"),
    ],
)
def test_what_was_acknowledged_stands_where_it_belongs(
    made_of_them: Balance, bound: str, kept: Run
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
    found = broken(replace(kept, phases={**kept.phases, **dead}))
    # Nor was anybody cut off, or told of another catalogue.
    assert found == [NEEDLESS, FELT]


def test_bounds_of_phases_that_were_left_out_are_none(kept: Run) -> None:
    found = {each.bound for each in verdicts(replace(kept, phases={"calm": CALM}))}
    assert not found & {LIMIT, "0 failed in flight at SIGTERM"}
    assert not any("overload keeps" in bound or "429 and 503 under" in bound for bound in found)
