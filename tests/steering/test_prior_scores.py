"""A prior knows what it was told and has one floor for the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.steering.prior import FLOOR_BELOW, Prior

scores = st.dictionaries(st.integers(0, 50), st.floats(-50, 0), max_size=20)


@given(scores)
def test_a_prior_is_a_dictionary_with_a_floor(told: dict[int, float]) -> None:
    prior = Prior.over(np.array(list(told), dtype=np.int64), np.array(list(told.values())))
    assert prior.rows.tolist() == sorted(told)
    assert prior.floor == (min(told.values()) - FLOOR_BELOW if told else 0.0)
    expected = [told.get(row, prior.floor) for row in range(51)]
    assert prior.of(np.arange(51)).tolist() == expected
    assert [prior.score(row) for row in range(51)] == expected


@given(scores)
def test_only_keeps_what_the_mask_holds(told: dict[int, float]) -> None:
    prior = Prior.over(np.array(list(told), dtype=np.int64), np.array(list(told.values())))
    rows, kept = prior.only(prior.rows % 2 == 0)
    assert dict(zip(rows.tolist(), kept.tolist(), strict=True)) == {
        row: score for row, score in told.items() if row % 2 == 0
    }


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Prior.over(np.array([3, 1]), np.array([-1.0, bad]))


def test_a_flat_prior_has_no_opinion() -> None:
    assert Prior.flat().of(np.array([0, 7])).tolist() == [0.0, 0.0]
