"""The blend: what the retrievers say of rows, added up into one log-probability a row.

Each part speaks in its own unit; the weights, which are fitted on validation data, turn all of them
into nats (see `models.tune`). So the sum is a log-probability that fits what users did, and one
`prior_weight` against the model's own log-probabilities means the same on every catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from service.steering.arrays import FloatArray, IntArray
from service.tuning import Blend, Situation, Tuning, Wording

POPULARITY: Final = "popularity"
SASREC: Final = "sasrec"
SEARCH: Final = "search"
MENTIONS: Final = "mentions"

HEARERS: Final = frozenset({SEARCH, MENTIONS})
"""Those who hear words."""

YOUNG: Final = "young"
FEW: Final = 5
"""Meetings below which an item is young: who follows users knows little of it."""

_STANDING_OUT: Final = " standing out"

HAIR: Final = 1e-6
"""Weight of popularity where it has none: it decides between rows that are equal otherwise."""

UNTUNED: Final = Blend(
    {SASREC: 1.0, "similarity": 4.0, SEARCH: 15.0, MENTIONS: 2.0, POPULARITY: 0.1}
)
"""Where nothing was fitted. Round numbers: what follows users leads, what follows words more so."""

UNTUNED_WITHOUT_SASREC: Final = Blend(
    {"similarity": 10.0, SEARCH: 15.0, MENTIONS: 2.0, POPULARITY: 0.3}
)


def blend_for(tuning: Tuning, situation: Situation, speaking: frozenset[str]) -> Blend:
    """How the parts that speak are weighed against each other in a situation.

    What was fitted with SASRec leaves too little to the others to do without it.
    """
    without = SASREC not in speaking
    fitted = fitted_for(tuning, heard(situation, speaking))
    if fitted is not None and not (without and fitted.weights.get(SASREC)):
        return fitted
    return UNTUNED_WITHOUT_SASREC if without else UNTUNED


def fitted_for(tuning: Tuning, situation: Situation) -> Blend | None:
    """The blend of a situation, if one was fitted; that of items anywhere for those of a shelf."""
    return tuning.blends.get(situation) or tuning.blends.get(anywhere(situation))


def anywhere(situation: Situation) -> Situation:
    """The same without a category that is included."""
    included = situation.words is Wording.INCLUDED
    return replace(situation, words=Wording.NONE) if included else situation


def blend_as_wished(
    tuning: Tuning, situation: Situation, wished: float, speaking: frozenset[str]
) -> Blend:
    """The same, with words counting so many times as much as tuning found."""
    return as_wished(blend_for(tuning, situation, speaking), wished)


def as_wished(blend: Blend, wished: float) -> Blend:
    """A blend in which those who hear words count so many times as much."""
    if wished == 1.0:
        return blend
    return Blend(_louder(blend.weights, wished), _louder(blend.unknown, wished))


def _louder(weights: Mapping[str, float], wished: float) -> dict[str, float]:
    return {
        name: weight * wished if of_part(name) in HEARERS and abs(weight) > HAIR else weight
        for name, weight in weights.items()
    }


def heard(situation: Situation, speaking: Collection[str]) -> Situation:
    """The situation, once it is known who has something to say of the wish."""
    if situation.words is Wording.TEXT and MENTIONS not in speaking:
        return replace(situation, words=Wording.UNNAMED)
    return situation


def counts_on(blend: Blend, part: str) -> bool:
    """Whether a blend makes anything of what a part says: of all rows, of young ones, or nothing.

    A fit may leave a part no weight and still find out what its silence tells. Less than a hair is
    what a search leaves of zero.
    """
    told = (part, standing_out(part))
    found = [blend.weights.get(name) for one in told for name in (one, of_young(one))]
    return any(abs(weight or 0.0) > HAIR for weight in (*found, blend.unknown.get(part)))


def said_by(part: str, scores: FloatArray, crowd: float | None) -> dict[str, FloatArray]:
    """What one part says of some rows, and how far they stand out from a crowd, if it knows of one.

    So vague words can be believed less than those that mean something.
    """
    if crowd is None:
        return {part: scores}
    return {part: scores, standing_out(part): np.maximum(scores - crowd, 0.0)}


def looks_out(blend: Blend, part: str) -> bool:
    """Whether a blend makes anything of what stands out by a part."""
    name = standing_out(part)
    return any(abs(blend.weights.get(one) or 0.0) > HAIR for one in (name, of_young(name)))


def with_age(said: Mapping[str, FloatArray], meetings: IntArray) -> Mapping[str, FloatArray]:
    """What the parts say of some rows, and once more apart of those that are young.

    So a blend can believe who follows users less where they have met an item seldom, and others
    more. Popularity has said how seldom already.
    """
    young = meetings < FEW
    apart = {
        of_young(name): np.where(young & np.isfinite(scores), scores, 0.0)
        for name, scores in said.items()
        if name != POPULARITY
    }
    return {**said, YOUNG: young.astype(np.float64), **apart}


def standing_out(part: str) -> str:
    """The name under which a blend weighs how far rows stand out by a part."""
    return part + _STANDING_OUT


def of_young(part: str) -> str:
    """The name under which a blend weighs what a part says of young rows, beside its own weight."""
    return f"{part} of {YOUNG}"


def is_part(part: str) -> bool:
    """Whether a blend can weigh what is called so: a part, or what is told of one beside."""
    return part == YOUNG or of_part(part) in UNTUNED.weights


def of_part(name: str) -> str:
    """The part of which this is said, or weighed."""
    return name.removesuffix(f" of {YOUNG}").removesuffix(_STANDING_OUT)


def of_age(part: str) -> bool:
    """Whether this is the name of what `with_age` adds."""
    return part.endswith(YOUNG)


def blended(said: Mapping[str, FloatArray], blend: Blend, rows: int) -> FloatArray:
    """Log-probabilities of some rows by what each part says of them (NaN: nothing).

    Rows of which all that counts says the same stand in the order of their popularity.
    """
    total = np.zeros(rows)
    for name, scores in said.items():
        weight = blend.weights.get(name) or (HAIR if name == POPULARITY else 0.0)
        known = np.isfinite(scores)
        total += np.where(known, weight * np.where(known, scores, 0.0), blend.unknown.get(name, 0))
    if not rows:
        return total
    # Rounding may leave a hair above zero where one row holds all the probability.
    logs: FloatArray = np.minimum(total - np.logaddexp.reduce(total), 0.0)
    return logs
