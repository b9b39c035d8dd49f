"""A served catalogue as tuning must see it: without what its users are asked about.

The catalogue has counted every meeting, the last ones too. The ranker beside it was trained without
those; here popularity is counted again without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.data.served import last_left_out, served
from models.data.split import Case
from service.catalog.artifact import LoadedCatalogue
from service.catalog.artifact_popularity import Ranking
from service.errors import BadInput
from service.retrieval.popularity import popularity_scores
from service.retrieval.ranker import Ranker
from service.retrieval.ranker_facts import LAST
from service.steering.arrays import IntArray


def held_out(
    catalogue: LoadedCatalogue, ranker: Ranker
) -> tuple[LoadedCatalogue, tuple[Case, ...]]:
    """The catalogue without what the ranker was not trained on, and that as cases.

    BadInput if the ranker was trained on another version: what it has seen cannot be told then.
    """
    if ranker.facts.catalogue != catalogue.version:
        raise BadInput(
            f"the ranker {ranker.version} was trained on catalogue {ranker.facts.catalogue},"
            f" not on {catalogue.version}",
            hint="Train it on this one first: listwright train.",
        )
    if ranker.facts.held != LAST:
        raise BadInput(
            f"the ranker {ranker.version} has learnt all that this catalogue knows of its users",
            hint="It is an evaluation's. Train another on this catalogue: listwright train.",
        )
    config = ranker.facts.config
    _, cases = last_left_out(served(catalogue).sequences, int(config["cases"]), int(config["seed"]))
    ranking = Ranking.of(_counts(catalogue, cases), popularity_scores)
    return replace(catalogue, ranking=ranking), cases


def _counts(catalogue: LoadedCatalogue, cases: Sequence[Case]) -> IntArray:
    """How often each row was met, as a build counts it, but for what is asked about."""
    histories = catalogue.histories
    counts = np.bincount(histories.rows, minlength=catalogue.size)
    for case in cases:
        met = histories.rows[histories.offsets[case.user] : histories.offsets[case.user + 1]]
        counts[case.target] -= np.count_nonzero(met == case.target)
    return counts
