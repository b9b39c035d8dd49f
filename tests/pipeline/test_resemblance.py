"""Resemblance: cosines as they are, scales by what their ends mean, both remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from quiz import WordEncoder, answerer

from service.pipeline.resemblance import (
    COMPARED,
    COMPARED_AT_LEAST,
    on_scale,
    resemblance,
)
from service.steering.arrays import FloatArray


def test_the_nearest_is_the_one_that_shares_most() -> None:
    texts = ("a red pen", "blue ink for a pen", "a garden hose")
    found = asyncio.run(resemblance(answerer(), WordEncoder(), "blue ink for a pen", texts))
    assert found.ranking == [1, 0, 2]
    assert np.exp(found.scores).sum() == pytest.approx(1.0)


def test_what_comes_from_the_cache_is_the_same() -> None:
    parts, encoder = answerer(), WordEncoder()
    first = asyncio.run(resemblance(parts, encoder, "ink", ("pen", "ink")))
    again = asyncio.run(resemblance(parts, encoder, "ink", ("pen", "ink")))
    assert (first.cached, again.cached, encoder.asked) == (False, True, 1)
    assert first.cosines.tolist() == again.cosines.tolist()


def test_texts_are_not_confused_with_what_is_asked() -> None:
    parts, encoder = answerer(), WordEncoder()
    asyncio.run(resemblance(parts, encoder, "a", ("b", "c")))
    assert not asyncio.run(resemblance(parts, encoder, "a", ("b c",))).cached


@pytest.mark.parametrize(
    ("about", "best"), [("awful awful", 0), ("lovely lovely", 4), ("lovely awful", 2)]
)
def test_a_text_lies_between_the_ends_of_a_scale(about: str, best: int) -> None:
    ends = ("awful", "lovely")
    found = asyncio.run(on_scale(answerer(), WordEncoder(), about, ends, 5))
    assert found.ranking[0] == best
    assert len(found.cosines) == 5


def test_steps_further_away_score_less() -> None:
    found = asyncio.run(on_scale(answerer(), WordEncoder(), "lovely", ("awful", "lovely"), 5))
    assert np.all(np.diff(found.scores) > 0)


def test_the_work_is_bounded_whatever_is_sent() -> None:
    class Measuring(WordEncoder):
        def encode(self, texts: Sequence[str]) -> FloatArray:
            self.read = sum(map(len, texts[1:]))
            self.longest = max(map(len, texts[1:]))
            return super().encode(texts)

    encoder = Measuring()
    for many in (2, 30, 500):
        texts = [f"thing {n} " * 500 for n in range(many)]
        found = asyncio.run(resemblance(answerer(), encoder, "thing 3", texts))
        assert len(found.cosines) == many
        assert encoder.read <= max(COMPARED, many * COMPARED_AT_LEAST)
        assert encoder.longest >= COMPARED_AT_LEAST
