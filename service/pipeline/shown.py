"""The candidates a prompt shows under numbers, for engines that cannot be steered."""

from __future__ import annotations

import numpy as np

from service.steering.arrays import IntArray
from service.steering.plan import NEVER, Plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select


def candidates_shown(plan: Plan, prior: Prior, limit: int) -> IntArray:
    """At most `limit` rows that a list may begin with (or k, if that is more), the best first.

    The list that the scores alone would make is among them: some choice of numbers obeys.
    """
    progress = Progress(plan)
    classes = plan.class_of_row[prior.rows]
    allowed = (classes != NEVER) & progress.open[classes]
    obeying = select(progress, prior)
    others, scores = prior.only(allowed & ~np.isin(prior.rows, obeying))
    best = others[np.argsort(-scores, kind="stable")]
    room = max(0, limit - len(obeying))
    rows = np.concatenate([np.array(obeying, dtype=np.int64), best[:room]])
    return np.asarray(rows[np.argsort(-prior.of(rows), kind="stable")])
