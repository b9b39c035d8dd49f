"""Choosing one token among those the speller allows."""

from __future__ import annotations

import numpy as np

from service.domain import Sampling
from service.errors import SpellingError
from service.steering.arrays import FloatArray
from service.steering.speller import Choices


def choose(
    logits: FloatArray, choices: Choices, sampling: Sampling, dice: np.random.Generator
) -> int:
    """Greedy at temperature 0 (ties to the smaller token), else a seeded draw.

    The engine's log-probabilities differ from its logits by a constant, which changes neither.
    Where the model rules out every allowed token, they are equal and the prior decides.
    """
    scores = logits[choices.tokens].astype(np.float64)
    if np.any(np.isnan(scores)) or np.any(scores == np.inf):
        message = "the model's logits are not numbers"
        raise SpellingError(message)
    if not np.any(np.isfinite(scores)):
        scores = np.zeros(len(scores))
    scores += choices.bonus
    if sampling.temperature == 0:
        return int(choices.tokens[np.argmax(scores)])
    scaled = (scores - scores.max()) / sampling.temperature
    weights = np.exp(scaled)
    return int(dice.choice(choices.tokens, p=weights / weights.sum()))
