"""A served catalogue as tuning must see it: without what its users are asked about.

The catalogue has counted every meeting, the last ones too. The ranker beside it was trained without
those; here popularity is counted again without them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.data.served import last_left_out, served
from models.data.split import Case
from service.catalog.artifact import LoadedCatalogue
from service.catalog.artifact_popularity import Ranking
from service.errors import BadInput
from service.retrieval.popularity import popularity_scores
from service.retrieval.ranker import Ranker


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
    config = ranker.facts.config
    learnt, cases = last_left_out(
        served(catalogue).sequences, int(config["cases"]), int(config["seed"])
    )
    counts = np.bincount(np.concatenate(learnt), minlength=catalogue.size)
    order = np.argsort(-counts, kind="stable")
    return replace(catalogue, ranking=Ranking(popularity_scores(counts), order)), cases
