"""Select is the plain greedy rule, also when some rows are taken already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from steering_world import World, fully_scored, worlds

from service.domain import Controls, Op, Share
from service.errors import SpellingError
from service.steering.plan import compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select


def naive(world: World, rows: list[int]) -> list[int]:
    """Slot by slot the best row with which the list can still be finished."""
    added: list[int] = []
    while len(rows) + len(added) < world.k:
        open_rows = world.takeable([*rows, *added])
        added.append(max(open_rows, key=lambda row: (world.score(row), -row)))
    return added


@settings(max_examples=300)
@given(worlds(most=10, longest=6), st.integers(0, 99))
def test_select_is_the_greedy_rule(world: World, seed: int) -> None:
    assume(world.valid)
    world = replace(world, scores=fully_scored(world, seed))
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    assert select(progress, world.prior) == naive(world, [])
    assert world.obeys(progress.rows, world.controls)


@settings(max_examples=300)
@given(worlds(most=10, longest=6), st.integers(0, 99), st.data())
def test_select_completes_what_was_begun(world: World, seed: int, data: st.DataObject) -> None:
    assume(world.valid)
    world = replace(world, scores=fully_scored(world, seed))
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    begun: list[int] = []
    for _ in range(data.draw(st.integers(0, world.k))):
        begun.append(data.draw(st.sampled_from(sorted(world.takeable(begun)))))
        progress.take(begun[-1])
    assert select(progress, world.prior) == naive(world, begun)
    assert progress.rows[: len(begun)] == begun
    assert world.obeys(progress.rows, world.controls)


@settings(max_examples=200)
@given(worlds(most=10, longest=6))
def test_rows_nobody_scored_come_last(world: World) -> None:
    assume(world.valid)
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    select(progress, world.prior)
    assert world.obeys(progress.rows, world.controls)
    for slot, row in enumerate(progress.rows):
        better = (r for r in world.takeable(progress.rows[:slot]) if r in world.scores)
        assert all(world.score(r) <= world.score(row) for r in better)


def small_world() -> World:
    return World(
        titles=((1, 0), (2, 0), (3, 0)),
        members={"a": frozenset({0}), **{category: frozenset() for category in "bcde"}},
        banned=frozenset(),
        controls=Controls(shares=(Share("a", Op.AT_MOST, 0.5),)),
        k=2,
    )


def test_a_class_that_is_used_up_already_is_no_obstacle() -> None:
    world = small_world()
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    progress.take(0)
    assert select(progress, Prior.flat()) == [1]


def test_a_complete_list_stays_as_it_is() -> None:
    world = small_world()
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    progress.take(2)
    progress.take(0)
    assert select(progress, Prior.flat()) == []


def test_a_plan_that_cannot_be_met_is_an_error() -> None:
    world = replace(small_world(), banned=frozenset({1, 2}))
    with pytest.raises(SpellingError):
        select(Progress(compile_plan(world.stock, world.controls, world.k)), Prior.flat())
