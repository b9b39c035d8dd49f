from __future__ import annotations

import numpy as np

from service.steering.cover import best_of_each_class
from service.steering.plan import NEVER, Plan
from service.steering.quotas import Need


def test_every_class_has_its_best_rows_however_rare() -> None:
    classes = np.zeros(50_000, dtype=np.int8)
    classes[[7, 40_000, 49_999]] = 1
    classes[:5] = NEVER
    plan = Plan(classes, (49_992, 3), Need(10, (0,), (10,)))
    order = np.arange(50_000)[::-1]
    rows = best_of_each_class(order, plan, budget=100)
    assert set(rows[classes[rows] == 1]) == {7, 40_000, 49_999}
    assert rows[classes[rows] == 0].tolist() == list(range(49_998, 49_948, -1))


def test_an_empty_plan_covers_nothing() -> None:
    plan = Plan(np.full(3, NEVER, dtype=np.int8), (0,), Need(1, (), ()))
    assert len(best_of_each_class(np.arange(3), plan, budget=10)) == 0
