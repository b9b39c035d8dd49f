"""What came of the requests of one phase, in figures."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from loadtest.faults.outcome import OK, SHED, Excuse, Outcome, Window, excused
from loadtest.traffic.asks import Kind

GRACE_MS: Final = 50.0
"""How much longer than its deadline an answer may take, by the time that the client measures."""

EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """One phase."""

    seconds: float
    deadline_ms: float
    requests: int
    good: int
    """Right answers in time."""
    good_made: int
    """Lists and answers to questions among them: what costs something."""
    shed: dict[str, int]
    """Answers of 429 and 503, by their codes."""
    needless: dict[str, int]
    """Those among them that the phase does not excuse."""
    failed: int
    """Answers of any other status."""
    unanswered: int
    cut_off: int
    """Not answered either, and that had to be: there was nobody to answer."""
    invalid: int
    made: int
    """Lists and answers to questions."""
    degraded: int
    paths: dict[str, int]
    """Of the lists."""
    questions: int
    thoughts: int
    """Answers that the sidecar had a part in."""
    p50_ms: float
    """Of what was answered with 200, and so is the next."""
    p99_ms: float
    shed_p99_ms: float
    """Of what was turned away, which is quick and would hide late answers among them."""
    lag_p99_ms: float
    catalogues: dict[str, int]
    """Lists, by the version that they are of."""
    in_flight: int
    """Requests that were under way as a fault began that lasted."""
    slowest: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    """Of what went wrong."""

    @property
    def goodput(self) -> float:
        """Right answers in time, a second."""
        return self.good / self.seconds

    @property
    def made_a_second(self) -> float:
        """The same of lists and answers alone: events that get through make up for none of them."""
        return self.good_made / self.seconds

    @property
    def degraded_share(self) -> float:
        """Of lists and answers."""
        return self.degraded / max(1, self.made)


def figures(
    outcomes: Sequence[Outcome],
    seconds: float,
    deadline_ms: float,
    excuse: Excuse = Excuse.NOTHING,
    window: Window | None = None,
) -> Figures:
    """Sum up a phase, which excuses this much, some of it only for a while."""
    needless = [each for each in outcomes if not excused(each, excuse, window)]
    made = [each for each in outcomes if each.path is not None]
    return Figures(
        seconds=seconds,
        deadline_ms=deadline_ms,
        requests=len(outcomes),
        good=sum(_is_good(each, deadline_ms) for each in outcomes),
        good_made=sum(_is_good(each, deadline_ms) for each in made),
        in_flight=_in_flight(outcomes, window),
        **_amiss(outcomes, needless),
        **_made(made),
        **_times(outcomes),
    )


def _amiss(outcomes: Sequence[Outcome], needless: Sequence[Outcome]) -> dict[str, Any]:
    """What was turned away, not answered or wrong; `needless` is all that is not excused."""
    needlessly_shed = [each for each in needless if each.status in SHED]
    unanswered = sum(each.status is None for each in needless)
    wrong = [each for each in needless if each.wrong]
    return {
        "shed": _by_code([each for each in outcomes if each.status in SHED]),
        "needless": _by_code(needlessly_shed),
        "failed": sum(each.status not in {None, OK, *SHED} for each in outcomes),
        "unanswered": unanswered,
        "cut_off": sum(each.status is None for each in outcomes) - unanswered,
        "invalid": sum(each.status == OK and bool(each.wrong) for each in outcomes),
        "examples": [_told(each) for each in (*wrong, *needlessly_shed)][:EXAMPLES],
    }


def _made(made: Sequence[Outcome]) -> dict[str, Any]:
    """What lists and answers were made of."""
    lists = [each for each in made if each.kind is Kind.LIST]
    questions = [each for each in made if each.kind is Kind.QUESTION]
    return {
        "made": len(made),
        "degraded": sum(each.degraded for each in made),
        "paths": dict(Counter(str(each.path) for each in lists)),
        "catalogues": dict(Counter(str(each.catalogue) for each in lists)),
        "questions": len(questions),
        "thoughts": sum(each.thought for each in questions),
    }


def _times(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """How long it took."""
    spent = [each.milliseconds for each in outcomes if each.status == OK]
    shed = [each.milliseconds for each in outcomes if each.status in SHED]
    return {
        "p50_ms": _percentile(spent, 50),
        "p99_ms": _percentile(spent, 99),
        "shed_p99_ms": _percentile(shed, 99),
        "lag_p99_ms": _percentile([each.lag_ms for each in outcomes], 99),
        "slowest": [_told(each) for each in heapq.nlargest(EXAMPLES, outcomes, key=_spent)],
    }


def _in_flight(outcomes: Sequence[Outcome], window: Window | None) -> int:
    if window is None or not window.lasted:
        return 0
    return sum(each.due <= window.began < each.done for each in outcomes)


def _is_good(one: Outcome, deadline_ms: float) -> bool:
    in_time = one.milliseconds <= deadline_ms + GRACE_MS
    return one.status == OK and not one.wrong and in_time


def _by_code(turned_away: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(f"{each.status} {each.code}" for each in turned_away))


def _spent(one: Outcome) -> float:
    return one.milliseconds


def _told(one: Outcome) -> str:
    said = "; ".join(one.wrong) or one.code or one.path or "right"
    return f"{one.kind.value} {one.status} after {one.milliseconds:.0f} ms: {said}"


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else 0.0
