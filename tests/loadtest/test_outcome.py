"""Who is turned away has to be: by the fault, while it lasts, for want of what is ill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtest.faults.figures import figures
from loadtest.faults.outcome import Excuse, Outcome, Window, excused
from loadtest.traffic.asks import Kind

WINDOW = Window(10.0, 20.0)
NO_STORE = Outcome(Kind.LIST, 503, 100.0, 0.0, code="store_unavailable", due=15.0, needs_store=True)
SILENT = Outcome(Kind.LIST, None, 100.0, 0.0, due=15.0, wrong=["it was cut off"])
TOO_OFTEN = Outcome(Kind.LIST, 429, 5.0, 0.0, code="rate_limited")
BUSY = Outcome(Kind.LIST, 503, 5.0, 0.0, code="overloaded", due=15.0)


@pytest.mark.parametrize(
    ("one", "excuse"),
    [
        (NO_STORE, Excuse.STORE),
        # Asked before the fault, and caught by it; or asked as it was just over.
        (replace(NO_STORE, due=9.95), Excuse.STORE),
        (replace(NO_STORE, due=20.9), Excuse.STORE),
        (SILENT, Excuse.GATEWAY),
        (TOO_OFTEN, Excuse.LIMIT),
        (BUSY, Excuse.LOAD),
    ],
)
def test_what_has_to_be_is_excused(one: Outcome, excuse: Excuse) -> None:
    assert excused(one, excuse, WINDOW)
    for other in set(Excuse) - {excuse, Excuse.LOAD}:
        assert not excused(one, other, WINDOW)


@pytest.mark.parametrize(
    ("one", "change", "excuse"),
    [
        (NO_STORE, {"due": 9.8}, Excuse.STORE),
        (NO_STORE, {"due": 21.1}, Excuse.STORE),
        (NO_STORE, {"needs_store": False}, Excuse.STORE),
        (NO_STORE, {"code": "overloaded"}, Excuse.STORE),
        (NO_STORE, {"status": None}, Excuse.STORE),
        (SILENT, {"due": 9.8}, Excuse.GATEWAY),
        (SILENT, {"due": 20.1}, Excuse.GATEWAY),
        (SILENT, {"status": 503}, Excuse.GATEWAY),
        (TOO_OFTEN, {"status": 503}, Excuse.LIMIT),
        (TOO_OFTEN, {}, Excuse.LOAD),
        (SILENT, {}, Excuse.LOAD),
    ],
)
def test_what_need_not_be_is_not(one: Outcome, change: dict[str, Any], excuse: Excuse) -> None:
    assert not excused(replace(one, **change), excuse, WINDOW)


def test_a_fault_that_was_not_made_excuses_nothing() -> None:
    assert not excused(NO_STORE, Excuse.STORE, None)
    assert not excused(SILENT, Excuse.GATEWAY, None)


def test_a_phase_tells_the_needless_apart() -> None:
    late = replace(NO_STORE, due=25.0)
    made = figures([NO_STORE, late, BUSY, SILENT], 2.0, 1_000, Excuse.STORE, WINDOW)
    assert made.shed == {"503 store_unavailable": 2, "503 overloaded": 1}
    assert made.needless == {"503 store_unavailable": 1, "503 overloaded": 1}
    assert (made.unanswered, made.cut_off) == (1, 0)
    killed = figures([SILENT, replace(SILENT, due=25.0)], 2.0, 1_000, Excuse.GATEWAY, WINDOW)
    assert (killed.unanswered, killed.cut_off) == (1, 1)
    assert killed.examples == ["/recommend None after 100 ms: it was cut off"]
