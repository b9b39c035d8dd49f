"""What a blend of some parts makes of requests that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.sasrec.evaluate import ndcg
from models.tune.fit import fitted, matrix_of, ranks, surprises
from models.tune.voices import Voices, parts_of
from service.steering.arrays import FloatArray, IntArray
from service.tuning import Blend

FOLDS: Final = 5
"""Each part of the users is judged by what the requests of the others fit."""

BEYOND: Final = 1.0
"""Standard errors by which one blend must do better than a smaller one. Where a mistake costs time
as well, as with lists by a model, it takes more (`service.tuning.CLEAR`)."""

K: Final = 10
"""Places of a list that count."""


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """Of each request: whose it is, the target's place, and how surprising it was, in nats."""

    users: IntArray
    places: IntArray
    surprises: FloatArray

    @property
    def ndcg(self) -> float:
        """Of lists of ten."""
        return ndcg(self.places, K)

    def likelier(self, than: Unseen) -> bool:
        """Whether what users did is likelier by it, beyond what a few users happened to do.

        Two requests of one user are not two users: they are after the same target.
        """
        _, whose, requests = np.unique(self.users, return_inverse=True, return_counts=True)
        gained = np.bincount(whose, than.surprises - self.surprises) / requests
        return bool(gained.mean() > BEYOND * gained.std() / np.sqrt(len(gained)))


def unseen(voices: Sequence[Voices], parts: Sequence[str]) -> Unseen:
    """Judge the blend of these parts."""
    users = np.array([one.user for one in voices])
    fold = np.unique(users, return_inverse=True)[1] % FOLDS
    places = np.zeros(len(voices), dtype=np.int64)
    surprised = np.zeros(len(voices))
    for held in range(FOLDS):
        blend = fitted(matrix_of(_those(voices, fold != held), parts))
        judged = matrix_of(_those(voices, fold == held), parts)
        places[fold == held] = ranks(judged, blend)
        surprised[fold == held] = surprises(judged, blend)
    return Unseen(users, places, surprised)


def by_blend(voices: Sequence[Voices], blend: Blend) -> Unseen:
    """Judge a blend that was not fitted at all."""
    matrix = matrix_of(voices, parts_of(voices))
    users = np.array([one.user for one in voices])
    return Unseen(users, ranks(matrix, blend), surprises(matrix, blend))


def _those(voices: Sequence[Voices], chosen: Sequence[bool]) -> list[Voices]:
    return [one for one, taken in zip(voices, chosen, strict=True) if taken]
