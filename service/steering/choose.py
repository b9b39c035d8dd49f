"""One token out of those that may come next."""

from __future__ import annotations

import numpy as np

from service.domain import Sampling
from service.errors import SpellingError
from service.steering.arrays import FloatArray
from service.steering.speller import Choices


def choose(
    logits: FloatArray, choices: Choices, sampling: Sampling, rng: np.random.Generator
) -> int:
    """The token to spell next; SpellingError if the logits say nothing usable about the choices.

    Logits serve as log-probabilities: what they lack to be some is the same for every token.
    """
    scores = _scores(logits, choices, sampling.temperature)
    if sampling.temperature <= 0:
        return int(choices.tokens[np.argmax(scores)])
    # A tiny temperature sends everything but the best to minus infinity, which is what it means.
    with np.errstate(over="ignore"):
        weights = np.exp((scores - scores.max()) / sampling.temperature)
    return int(rng.choice(choices.tokens, p=weights / weights.sum()))


def _scores(logits: FloatArray, choices: Choices, temperature: float) -> FloatArray:
    if choices.tokens[0] < 0 or choices.tokens[-1] >= len(logits):
        message = f"a choice lies outside the model's {len(logits)} tokens"
        raise SpellingError(message)
    said = logits[choices.tokens].astype(np.float64)
    if np.all(np.isneginf(said)):
        # The model rules out everything the plan allows: it has no opinion among those.
        said = np.zeros(len(said))
    scores = choices.scores(said, temperature)
    if np.any(np.isnan(scores) | np.isposinf(scores)) or np.all(np.isneginf(scores)):
        message = "the scores of the choices are not numbers"
        raise SpellingError(message)
    return scores
