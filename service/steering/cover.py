"""Making sure that scores reach every class a plan may need."""

from __future__ import annotations

from typing import Final

import numpy as np

from service.steering.arrays import IntArray
from service.steering.plan import Plan

CHUNK: Final = 8_192


def best_of_each_class(order: IntArray, plan: Plan, budget: int) -> IntArray:
    """The first rows of each class in an order of all rows: its share of the budget, k at least.

    With these among the scored rows no slot of a list is ever filled from rows nobody has scored,
    however rare the classes its quotas ask for.
    """
    counts = {index: count for index, count in enumerate(plan.available) if count}
    enough = max(plan.k, budget // max(1, len(counts)))
    missing = {index: min(count, enough) for index, count in counts.items()}
    found: list[IntArray] = []
    for start in range(0, len(order), CHUNK):
        if not missing:
            break
        chunk = order[start : start + CHUNK]
        classes = plan.class_of_row[chunk]
        for index in list(missing):
            rows = chunk[classes == index][: missing[index]]
            found.append(rows)
            missing[index] -= len(rows)
            if not missing[index]:
                del missing[index]
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])
