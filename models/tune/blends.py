"""The blend of every situation: fitted, and not worse than SASRec alone as far as can be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np

from models.sasrec.evaluate import ndcg
from models.tune.asked import Asked
from models.tune.fit import fitted, matrix_of, ranks
from models.tune.voices import Ground, Voices, parts_of, voices_of
from service.pipeline.blend import POPULARITY
from service.tuning import Blend, Situation

FOLDS: Final = 5
FEWEST: Final = 30
"""Requests of a situation below which nothing is fitted: what is usual is a better guess."""

K: Final = 10
"""Places of a list that count."""

ENOUGH: Final = 500
"""Requests of a situation to which shortened ones are taken, though there are fewer others."""

COLLABORATIVE: Final = "sasrec"
SAFE: Final = (POPULARITY, COLLABORATIVE)

Report: TypeAlias = Callable[[str, int, int], None]


def blends_of(
    asked: Iterable[Asked], ground: Ground, most: int, seed: int, report: Report
) -> dict[Situation, Blend]:
    """A blend for each situation that occurs often enough, by `most` requests of each."""
    by_situation: dict[Situation, list[Asked]] = defaultdict(list)
    for one in asked:
        by_situation[one.situation].append(one)
    blends: dict[Situation, Blend] = {}
    chosen = {
        situation: _drawn(every, most, seed)
        for situation, every in sorted(by_situation.items(), key=lambda pair: str(pair[0]))
        if len(every) >= FEWEST
    }
    done, total = 0, sum(map(len, chosen.values()))
    for situation, some in chosen.items():
        voices = []
        for one in some:
            voices.append(voices_of(ground, one))
            done += 1
            report("blends", done, total)
        blends[situation] = best_blend(voices)
    return blends


def best_blend(voices: Sequence[Voices]) -> Blend:
    """All parts together, unless SASRec alone ranks better what the fit has not seen."""
    parts = parts_of(voices)
    if COLLABORATIVE in parts and _held_out(voices, parts) < _held_out(voices, SAFE):
        # Popularity stays: it orders what SASRec knows nothing of.
        parts = SAFE
    return fitted(matrix_of(voices, parts))


def _held_out(voices: Sequence[Voices], parts: Sequence[str]) -> float:
    """NDCG of each part of the requests under the blend that the others fit."""
    fold = np.arange(len(voices)) % FOLDS
    ranked = []
    for held in range(FOLDS):
        seen = [one for one, at in zip(voices, fold, strict=True) if at != held]
        unseen = [one for one, at in zip(voices, fold, strict=True) if at == held]
        blend = fitted(matrix_of(seen, parts))
        ranked.append(ranks(matrix_of(unseen, parts), blend))
    return ndcg(np.concatenate(ranked), K)


def _drawn(every: Sequence[Asked], most: int, seed: int) -> list[Asked]:
    """At most so many: those that really have so short a history, and no more of the others.

    Who has met three items may want other things next than somebody else wanted long ago.
    """
    own = _some([one for one in every if not one.shortened], most, seed)
    others = [one for one in every if one.shortened]
    return own + _some(others, min(most - len(own), max(len(own), ENOUGH - len(own))), seed)


def _some(every: Sequence[Asked], most: int, seed: int) -> list[Asked]:
    chosen = np.random.default_rng(seed).permutation(len(every))[:most]
    return [every[at] for at in np.sort(chosen)]
