"""Scores reach every class a plan may need, however rare."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from steering_world import World, worlds

from service.steering.cover import best_of_each_class
from service.steering.plan import compile_plan


@settings(max_examples=200)
@given(worlds(), st.integers(0, 20), st.integers(0, 99))
def test_the_first_rows_of_each_class(world: World, budget: int, seed: int) -> None:
    plan = compile_plan(world.stock, world.controls, world.k)
    order = np.random.default_rng(seed).permutation(len(world.titles))
    rows = best_of_each_class(order, plan, budget).tolist()
    assert len(rows) == len(set(rows))
    classes = {index for index, count in enumerate(plan.available) if count}
    enough = max(world.k, budget // max(1, len(classes)))
    for index in classes:
        ranked = [row for row in order.tolist() if plan.class_of_row[row] == index]
        assert [row for row in rows if plan.class_of_row[row] == index] == ranked[:enough]
    assert {int(plan.class_of_row[row]) for row in rows} == classes
