"""The plan says of each row what plain sets would say, and reads shares as decimals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import World, bounds, worlds

from service.domain import Controls, Op, Share
from service.errors import BadInput, UnknownCategory
from service.steering.plan import NEVER, Stock, compile_plan, quota, quotas


@given(worlds())
def test_every_row_gets_the_class_that_sets_give_it(world: World) -> None:
    plan = compile_plan(world.stock, world.controls, world.k)
    for row in range(len(world.titles)):
        allowed = row not in world.banned and world.passes(row, world.controls)
        shares = enumerate(world.controls.shares)
        bits = sum((row in world.members[share.category]) << bit for bit, share in shares)
        assert plan.class_of_row[row] == (bits if allowed else NEVER)
        assert plan.allowed[row] == allowed


@given(worlds())
def test_available_counts_the_rows_of_each_class(world: World) -> None:
    plan = compile_plan(world.stock, world.controls, world.k)
    counts = [int((plan.class_of_row == index).sum()) for index in range(len(plan.available))]
    assert list(plan.available) == counts
    assert len(counts) == 1 << len(world.controls.shares)
    assert sum(counts) == plan.allowed.sum()
    assert plan.k == world.k


@given(worlds())
def test_feasible_means_that_some_list_obeys(world: World) -> None:
    plan = compile_plan(world.stock, world.controls, world.k)
    assert plan.feasible == bool(world.valid)


@pytest.mark.parametrize(
    ("op", "share", "k", "low", "high"),
    [
        ("<=", 0.29, 100, 0, 29),
        ("~", 0.29, 100, 29, 29),
        (">=", 0.29, 100, 29, 100),
        ("<=", 0.7, 10, 0, 7),
        (">=", 0.7, 10, 7, 10),
        (">=", 0.1, 30, 3, 30),
        ("<=", 0.57, 100, 0, 57),
        ("~", 0.25, 10, 3, 3),
        ("~", 0.35, 10, 4, 4),
        ("~", 0.05, 10, 1, 1),
        ("~", 0.04, 10, 0, 0),
        ("<=", 0.3, 7, 0, 2),
        (">=", 0.3, 7, 3, 7),
        ("<=", 0, 10, 0, 0),
        ("<=", 0.0, 10, 0, 0),
        (">=", 0.0, 10, 0, 10),
        ("~", 0, 10, 0, 0),
        ("<=", 1, 10, 0, 10),
        (">=", 1.0, 10, 10, 10),
        ("~", 1.0, 10, 10, 10),
        ("<=", 1e-05, 10, 0, 0),
        (">=", 1e-05, 10, 1, 10),
        ("~", 1e-05, 10, 0, 0),
        (">=", 5e-324, 1, 1, 1),
    ],
)
def test_a_quota_is_the_decimal_one_wrote(
    op: str, share: float, k: int, low: int, high: int
) -> None:
    assert quota(Share("a", Op(op), share), k) == (low, high)


@given(st.sampled_from(Op), st.integers(0, 1000), st.integers(1, 200))
def test_every_share_in_thousandths_is_exact(op: Op, thousandths: int, k: int) -> None:
    share = Share("a", op, thousandths / 1000)
    assert quota(share, k) == bounds(share, k)


def test_quotas_stand_in_the_order_of_the_shares() -> None:
    need = quotas((Share("a", Op.AT_MOST, 0.3), Share("b", Op.AT_LEAST, 0.5)), 10)
    assert (need.slots, need.lower, need.upper) == (10, (0, 5), (3, 10))


def stock(**members: list[int]) -> Stock:
    def postings(category: str) -> np.ndarray:
        if category not in members:
            raise UnknownCategory(category)
        return np.array(members[category], dtype=np.int64)

    return Stock(4, postings, np.zeros(0, dtype=np.int64))


def test_one_category_may_be_bounded_twice() -> None:
    between = (Share("a", Op.AT_LEAST, 0.5), Share("a", Op.AT_MOST, 0.5))
    plan = compile_plan(stock(a=[0, 1]), Controls(shares=between), 2)
    assert plan.available == (2, 0, 0, 2)
    assert plan.feasible


def test_a_category_without_items_is_known_and_empty() -> None:
    plan = compile_plan(stock(a=[]), Controls(include=("a",)), 1)
    assert not plan.allowed.any()
    assert not plan.feasible


@pytest.mark.parametrize(
    "controls",
    [
        Controls(include=("nowhere",)),
        Controls(exclude=("nowhere",)),
        Controls(shares=(Share("nowhere", Op.ABOUT, 0.5),)),
    ],
)
def test_an_unknown_category_is_said_to_be_unknown(controls: Controls) -> None:
    with pytest.raises(UnknownCategory):
        compile_plan(stock(), controls, 1)


def test_a_fifth_share_is_refused() -> None:
    with pytest.raises(BadInput, match="at most 4"):
        compile_plan(stock(a=[0]), Controls(shares=(Share("a", Op.AT_MOST, 1),) * 5), 1)
