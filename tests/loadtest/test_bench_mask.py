"""What the bench of masks counts, over a catalogue in memory and an engine that draws."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from toyshop import SpellingEngine, ToyRetriever, recommender, toy_items

from loadtest.bench_mask import MASKS, Bench, Case, Tally, compared
from service.domain import Controls, Item, Op, Share, User
from service.wiring import Parts

ASKED = Controls(
    ("Red", "Blue"),
    ("Sock",),
    (
        Share("Mug", Op.AT_LEAST, 0.3),
        Share("Lamp", Op.AT_MOST, 0.1),
        Share("Book", Op.ABOUT, 0.2),
    ),
)


class Users:
    """A store of users, each of whom met one item."""

    def users(self, limit: int) -> list[str]:
        return [f"i{number}" for number in range(limit)]

    async def history(self, user: User) -> tuple[str, ...]:
        return (user.id,)


@pytest.fixture
def bench() -> Bench:
    made = recommender(items=toy_items(200), engine=SpellingEngine(), retrievers=[ToyRetriever()])
    parts = SimpleNamespace(store=Users(), catalogue=made.catalogue, recommender=made)
    return Bench(cast("Parts", cast("Any", parts)))


def test_each_mask_knows_more_than_the_one_before() -> None:
    titles, filters, capped, plan = (known(ASKED) for known in MASKS.values())
    assert titles == Controls()
    assert filters == Controls(ASKED.include, ASKED.exclude)
    assert capped.shares == (Share("Lamp", Op.AT_MOST, 0.1), Share("Book", Op.AT_MOST, 0.2))
    assert (capped.include, capped.exclude) == (ASKED.include, ASKED.exclude)
    assert plan == ASKED


def test_a_list_is_held_against_all_that_was_asked_for() -> None:
    tally = Tally()
    others = [Item(f"r{n}", f"Red {n}", ("Red",)) for n in range(4)]
    mugs = [Item(f"m{n}", f"Mug {n}", ("Red", "Mug")) for n in range(3)]
    books = [Item(f"b{n}", f"Book {n}", ("Blue", "Book")) for n in range(3)]
    asked = Case((), ASKED)
    tally.add([*others, *mugs, *books], asked)
    assert (tally.lists[3], tally.whole[3]) == (1, 0)
    tally.add([*others, Item("r9", "Red 9", ("Red",)), *mugs, *books[:2]], asked)
    assert (tally.lists[3], tally.whole[3]) == (2, 1)
    assert tally.row("x") == ["x", "50.0", "-", "-", "50.0", "-", "100.0", "100.0", "50.0"]


async def test_only_the_plan_keeps_every_control(bench: Bench) -> None:
    tallies = await compared(bench, users=16, seed=1)
    assert len(tallies) == 2 * len(MASKS)
    for name, tally in tallies.items():
        assert tally.lists == dict.fromkeys(range(1, 5), 4)
        whole = tally.whole.total()
        assert (whole == 16) if name.endswith("the plan") else (whole < 16), name


async def test_cases_can_be_met_and_are_the_same_for_a_seed(bench: Bench) -> None:
    cases = await bench.cases(8, 3)
    assert [len(case.controls.shares) for case in cases] == [1, 2, 3, 4] * 2
    assert all(bench._plan(case.history, case.controls).feasible for case in cases)
    assert cases == await bench.cases(8, 3)
    assert cases != await bench.cases(8, 4)
