"""How near in meaning each option is to the question: M_V(question) . M_V(option)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from service.pipeline.answerer import Answerer
from service.pipeline.remembered import digest, recalled, remember
from service.ports import Encoder
from service.steering.arrays import FloatArray

NEARNESS: Final = 0.05
"""What difference in cosine makes one option e times as likely as another."""

COMPARED: Final = 24_000
COMPARED_AT_LEAST: Final = 100
"""Characters: of all texts together, and of each. What begins cannot be stopped, so it is bounded
beforehand; of five hundred texts their beginnings tell enough."""

SMALL: Final = 32
"""Texts that are compared in no time, and need not wait for those who compare hundreds."""

END: Final = "The text is {}."
"""The end of a scale as a sentence: nearer to what people mean by it than the bare words."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How near each text is to what is asked: the cosine of the two, or what stands for it."""

    cosines: FloatArray
    model: str
    cached: bool

    @property
    def scores(self) -> FloatArray:
        """As log-probabilities: what the prior is made of."""
        logits = self.cosines / NEARNESS
        scores: FloatArray = logits - np.logaddexp.reduce(logits)
        return scores

    @property
    def ranking(self) -> list[int]:
        """Places of the texts, the nearest first; ties as they stand."""
        return [int(place) for place in np.argsort(-self.cosines, kind="stable")]


async def on_scale(
    parts: Answerer, encoder: Encoder, about: str, ends: tuple[str, str], steps: int
) -> Resemblance:
    """How near each step of a scale is to where the text lies between the scale's two ends.

    The numbers of a scale mean nothing to an encoder; what its ends stand for does.
    """
    found = await resemblance(parts, encoder, about, [END.format(end) for end in ends])
    place = (steps - 1) * float(np.exp(found.scores[1]))
    off = np.arange(steps) - place
    return replace(found, cosines=np.round(-NEARNESS * off**2, 6))


async def resemblance(
    parts: Answerer, encoder: Encoder, about: str, texts: Sequence[str]
) -> Resemblance:
    """Compare texts with what is asked, unless that was done before."""
    most = max(COMPARED_AT_LEAST, COMPARED // max(1, len(texts)))
    texts = [text[:most] for text in texts]
    key = digest("resemblance", encoder.name, about, texts)
    known = await recalled("resemblances", parts.cache, key, parts.observer)
    if known is not None:
        return Resemblance(np.array(json.loads(known), dtype=np.float64), encoder.name, cached=True)

    async def compare() -> FloatArray:
        vectors = await asyncio.to_thread(encoder.encode, [about, *texts])
        # Rounded alike whether it comes from the cache or not.
        cosines: FloatArray = np.round((vectors[1:] @ vectors[0]).astype(np.float64), 6)
        await remember(parts.cache, key, json.dumps(cosines.tolist()), parts.observer)
        return cosines

    cosines = await parts.flights.once(key, compare, large=len(texts) > SMALL)
    return Resemblance(cosines, encoder.name, cached=False)
