"""Inside: what a request that asks for it is told of how its list came about.

Nothing of it is worked out for anybody else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from service.domain import Considered, Inside
from service.pipeline.brief import Brief
from service.pipeline.clock import Stopwatch
from service.pipeline.galley import Galley
from service.pipeline.parts import Recommender
from service.pipeline.together import Together
from service.ports import Catalogue
from service.steering.plan import NEVER
from service.steering.progress import Progress

SHOWN: Final = 10
"""How many of those that were considered are told of."""


def by_itself(parts: Recommender) -> Recommender:
    """Parts by which a list is made for one request: neither kept, nor shared with another."""
    return replace(parts, cache=None, together=Together())


def inside(catalogue: Catalogue, brief: Brief, galley: Galley) -> Inside | None:
    """What the model was asked and who was considered, if the request asks for it."""
    if not brief.request.inside:
        return None
    return Inside(prompt=galley.asked, considered=_considered(catalogue, brief))


def timed(found: Inside | None, watch: Stopwatch) -> Inside | None:
    """The same with the stages there have been."""
    return None if found is None else replace(found, stages=watch.stages())


def _considered(catalogue: Catalogue, brief: Brief) -> tuple[Considered, ...]:
    """The best rows of the prior that a list may begin with, and what each retriever says."""
    prior, said = brief.found.prior, brief.found.said
    classes = brief.plan.class_of_row[prior.rows]
    rows, scores = prior.only((classes != NEVER) & Progress(brief.plan).open[classes])
    best = np.argsort(-scores, kind="stable")[:SHOWN]
    return tuple(
        Considered(catalogue.item(row), round(score, 4), said.of(row))
        for row, score in zip(rows[best].tolist(), scores[best].tolist(), strict=True)
    )
