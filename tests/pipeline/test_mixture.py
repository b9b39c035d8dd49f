from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.pipeline.mixture import mix
from service.ports import Scored
from service.retrieval.scores import as_scored

logits = st.dictionaries(st.integers(0, 30), st.floats(-1e4, 1e4), max_size=12)
weights = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))


def scored(values: dict[int, float]) -> Scored:
    return as_scored(np.array(list(values), dtype=np.int64), np.array(list(values.values())))


parts = st.lists(st.tuples(logits.map(scored), weights), max_size=5)


@given(parts)
def test_is_a_distribution_over_the_union(given_parts: list[tuple[Scored, float]]) -> None:
    mixed = mix(given_parts)
    union = {int(row) for part, weight in given_parts if weight for row in part.rows}
    assert mixed.rows.tolist() == sorted(union)
    assert np.isfinite(mixed.scores).all()
    assert (mixed.scores <= 0).all()
    if union:
        assert np.exp(mixed.scores).sum() == pytest.approx(1.0)


@given(parts)
def test_is_the_weighted_mean_of_probabilities(given_parts: list[tuple[Scored, float]]) -> None:
    mixed = mix(given_parts)
    expected: dict[int, float] = dict.fromkeys(mixed.rows.tolist(), 0.0)
    total = sum(weight for part, weight in given_parts if len(part.rows))
    for part, weight in given_parts:
        for row, score in zip(part.rows.tolist(), part.scores, strict=True):
            if weight:
                expected[row] += weight / total * np.exp(score)
    np.testing.assert_allclose(np.exp(mixed.scores), list(expected.values()), atol=1e-9)


@given(logits.map(scored), st.floats(1e-6, 1e6))
def test_one_part_alone_is_itself(part: Scored, weight: float) -> None:
    mixed = mix([(part, weight)])
    np.testing.assert_array_equal(mixed.rows, part.rows)
    np.testing.assert_allclose(mixed.scores, part.scores, rtol=1e-9, atol=1e-9)


@given(parts, st.randoms())
def test_order_of_the_parts_does_not_matter(
    given_parts: list[tuple[Scored, float]], random: object
) -> None:
    shuffled = list(given_parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    np.testing.assert_allclose(mix(shuffled).scores, mix(given_parts).scores, atol=1e-9)


def test_does_not_underflow() -> None:
    far = Scored(np.array([1, 2]), np.array([0.0, -5000.0]))
    mixed = mix([(far, 1.0), (far, 3.0)])
    np.testing.assert_allclose(mixed.scores, [0.0, -5000.0])


def test_nothing_mixed_is_nothing() -> None:
    assert len(mix([]).rows) == 0
    assert len(mix([(scored({}), 1.0), (scored({3: 0.0}), 0.0)]).rows) == 0
