"""The blend of every situation: fitted, and not worse than SASRec alone as far as can be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np

from models.tune.asked import Asked
from models.tune.fit import fitted, matrix_of
from models.tune.unseen import by_blend, unseen
from models.tune.voices import Ground, Voices, parts_of, speaking_of, voices_of
from service.pipeline.blend import (
    MENTIONS,
    POPULARITY,
    SASREC,
    SEARCH,
    UNTUNED_WITHOUT_SASREC,
    anywhere,
    heard,
    of_age,
    standing_out,
)
from service.tuning import Blend, Situation

FEWEST: Final = 30
"""Users in a situation below which nothing is fitted: what is usual is a better guess."""

ENOUGH: Final = 500
"""Requests of a situation to which shortened ones are taken, though there are fewer others."""

SAFE: Final = frozenset({POPULARITY, SASREC, SEARCH, standing_out(SEARCH), MENTIONS})
"""Popularity orders what SASRec knows nothing of, and a wish is never passed over."""

Report: TypeAlias = Callable[[str, int, int], None]


def blends_of(
    asked: Iterable[Asked], ground: Ground, most: int, seed: int, report: Report
) -> dict[Situation, Blend]:
    """A blend for each situation that occurs often enough, by `most` requests of each."""
    by_situation: dict[Situation, list[Asked]] = defaultdict(list)
    for one in asked:
        situation = heard(one.situation, speaking_of(ground, one))
        # Other controls narrow a list as well: what holds within a category counts for them too.
        for fitting in {situation, anywhere(situation)}:
            by_situation[fitting].append(one)
    blends: dict[Situation, Blend] = {}
    chosen = {
        situation: _drawn(every, most, seed)
        for situation, every in sorted(by_situation.items(), key=lambda pair: str(pair[0]))
        if len({one.case.user for one in every}) >= FEWEST
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
    """All parts together; how old items are only where that makes unseen cases likelier.

    If SASRec and who hears the wish rank these better without the others, it is they alone; if
    there is only a wish, and round weights rank them better, it is those.
    """
    every = parts_of(voices)
    parts = tuple(part for part in every if not of_age(part))
    judged = unseen(voices, parts)
    if (aged := unseen(voices, every)).likelier(judged):
        parts, judged = every, aged
    safe = tuple(part for part in every if part in SAFE)
    only_wish = SASREC not in safe and SEARCH in safe
    if only_wish and judged.ndcg < by_blend(voices, UNTUNED_WITHOUT_SASREC).ndcg:
        return UNTUNED_WITHOUT_SASREC
    if SASREC in safe and judged.ndcg < unseen(voices, safe).ndcg:
        parts = safe
    return fitted(matrix_of(voices, parts))


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
