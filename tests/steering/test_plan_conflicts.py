"""What is said and what is let go when controls cannot all hold."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from steering_world import World, worlds

from service.domain import Controls, OnConflict, Op, Share
from service.errors import BadInput, ConflictingControls, UnknownCategory
from service.steering.conflict import Census, joined, plan_or_relax, units
from service.steering.plan import Stock

REJECT, RELAX = OnConflict.REJECT, OnConflict.RELAX


def least_drops(world: World) -> tuple[int, ...] | None:
    """The fewest units whose loss makes a list possible; among equals the last-listed."""
    parts = units(world.controls)
    for size in range(len(parts) + 1):
        for dropped in combinations(reversed(range(len(parts))), size):
            kept = [part for index, part in enumerate(parts) if index not in dropped]
            if world.lists(joined(kept)):
                return dropped
    return None


@settings(max_examples=300)
@given(worlds())
def test_relax_drops_the_fewest_and_the_last_listed(world: World) -> None:
    dropped = least_drops(world)
    if dropped is None:
        with pytest.raises(ConflictingControls):
            plan_or_relax(world.stock, world.controls, world.k, RELAX)
        return
    plan, kept, relaxed = plan_or_relax(world.stock, world.controls, world.k, RELAX)
    assert plan.feasible
    assert sorted(map(repr, [*units(kept), *units(relaxed)])) == sorted(
        map(repr, units(world.controls))
    )
    parts = units(world.controls)
    assert kept == joined([part for i, part in enumerate(parts) if i not in dropped])
    assert relaxed == joined([part for i, part in enumerate(parts) if i in dropped])


def test_a_search_that_takes_too_long_still_ends_in_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.steering.conflict.MOST_TRIES", 0)
    members = {"a": np.arange(5), "b": np.arange(5, 10), "c": np.arange(10)}
    stock = Stock(10, members.__getitem__, np.zeros(0, dtype=np.int64))
    asked = Controls(include=("a",), exclude=("a", "b"))
    plan, kept, relaxed = plan_or_relax(stock, asked, 5, RELAX)
    assert plan.feasible
    assert (kept, relaxed) == (Controls(("a",), ("b",)), Controls(exclude=("a",)))


@settings(max_examples=300)
@given(worlds())
def test_reject_names_a_minimal_clash(world: World) -> None:
    if world.valid:
        plan, kept, relaxed = plan_or_relax(world.stock, world.controls, world.k, REJECT)
        assert plan.feasible
        assert (kept, relaxed) == (world.controls, Controls())
        return
    with pytest.raises(ConflictingControls) as caught:
        plan_or_relax(world.stock, world.controls, world.k, REJECT)
    if not world.lists(Controls()):
        assert "only" in caught.value.message
        return
    census = Census.take(world.stock, world.controls, world.k)
    clash = [census.units[index] for index in census.clash()]
    assert clash
    assert not world.lists(joined(clash))
    for index in range(len(clash)):
        assert world.lists(joined(clash[:index] + clash[index + 1 :]))
    assert caught.value.message.count(";") == len(clash) - 1 + message_semicolons(clash)


def message_semicolons(clash: list[Controls]) -> int:
    """A share's own description holds one."""
    return sum(bool(part.shares) for part in clash)


@given(worlds())
def test_nothing_is_relaxed_when_everything_can_hold(world: World) -> None:
    if world.valid:
        answers = [plan_or_relax(world.stock, world.controls, world.k, on) for on in OnConflict]
        assert [answer[1:] for answer in answers] == [(world.controls, Controls())] * 2


def stock(size: int, banned: tuple[int, ...] = (), **members: range) -> Stock:
    def postings(category: str) -> np.ndarray:
        if category not in members:
            raise UnknownCategory(category)
        return np.array(members[category], dtype=np.int64)

    return Stock(size, postings, np.array(banned, dtype=np.int64))


def test_the_message_counts_what_each_control_leaves() -> None:
    shop = stock(20, banned=(0, 19), drama=range(6), war=range(2, 12))
    asked = Controls(include=("drama",), exclude=("war",))
    with pytest.raises(ConflictingControls) as caught:
        plan_or_relax(shop, asked, 4, REJECT)
    assert caught.value.message == (
        "no list of 4 can obey all of: include 'drama' (leaves 5 items);"
        " exclude 'war' (leaves 8 items)"
    )


def test_the_message_counts_inside_and_outside_a_share() -> None:
    shop = stock(20, drama=range(6), war=range(4, 12))
    asked = Controls(include=("drama",), shares=(Share("war", Op.AT_LEAST, 0.7),))
    with pytest.raises(ConflictingControls) as caught:
        plan_or_relax(shop, asked, 5, REJECT)
    assert caught.value.message == (
        "no list of 5 can obey all of: include 'drama' (leaves 6 items);"
        " 'war' >= 70% (wants 4 to 5; 2 items are in it and 4 outside it)"
    )


def test_a_control_that_is_not_to_blame_is_not_named() -> None:
    shop = stock(20, drama=range(6), war=range(8), calm=range(20))
    asked = Controls(("calm", "drama"), ("war",), (Share("drama", Op.ABOUT, 0.5),))
    with pytest.raises(ConflictingControls) as caught:
        plan_or_relax(shop, asked, 4, REJECT)
    message = caught.value.message
    assert "exclude 'war'" in message
    assert "'drama' ~ 50% (wants exactly 2; 0 items are in it and 12 outside it)" in message
    assert "calm" not in message


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_no_control_is_relaxed_for_a_k_beyond_what_the_history_leaves(
    on_conflict: OnConflict,
) -> None:
    shop = stock(5, banned=(1, 2), drama=range(2))
    with pytest.raises(ConflictingControls, match="needs 4 items, and only 3 are left") as caught:
        plan_or_relax(shop, Controls(include=("drama",)), 4, on_conflict)
    assert "Lower k" in caught.value.hint


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_an_unknown_category_is_never_relaxed(on_conflict: OnConflict) -> None:
    with pytest.raises(UnknownCategory):
        plan_or_relax(stock(3), Controls(exclude=("nowhere",)), 1, on_conflict)


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_many_controls_that_hold_need_no_weighing(on_conflict: OnConflict) -> None:
    shop = stock(80, **{f"c{i}": range(i, i + 1) for i in range(70)})
    asked = Controls(exclude=tuple(f"c{i}" for i in range(70)))
    plan, kept, relaxed = plan_or_relax(shop, asked, 10, on_conflict)
    assert plan.available == (10,)
    assert (kept, relaxed) == (asked, Controls())


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_too_many_controls_in_conflict_are_refused(on_conflict: OnConflict) -> None:
    shop = stock(80, **{f"c{i}": range(i, i + 1) for i in range(70)})
    asked = Controls(exclude=tuple(f"c{i}" for i in range(70)))
    with pytest.raises(BadInput, match="70 controls"):
        plan_or_relax(shop, asked, 11, on_conflict)


def test_sixty_two_controls_can_be_weighed() -> None:
    shop = stock(80, **{f"c{i}": range(i, i + 1) for i in range(62)})
    asked = Controls(exclude=tuple(f"c{i}" for i in range(62)))
    plan, _, relaxed = plan_or_relax(shop, asked, 20, RELAX)
    assert relaxed.exclude == ("c60", "c61")
    assert plan.available == (20,)


def test_what_must_go_anyway_does_not_cost_more() -> None:
    hits = {"a": range(10, 60), **{f"b{i}": range(i, i + 1) for i in range(5)}}
    hopeless = {f"all{i}": range(60) for i in range(4)}
    members = {name: np.array(rows) for name, rows in (hits | hopeless).items()}
    stock = Stock(60, members.__getitem__, np.zeros(0, dtype=np.int64))
    asked = Controls(exclude=tuple(members))
    relaxed = plan_or_relax(stock, asked, 10, OnConflict.RELAX)[2]
    assert relaxed.exclude == ("a", *hopeless)
