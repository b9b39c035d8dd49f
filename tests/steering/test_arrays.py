from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.steering.arrays import distinct


@given(st.lists(st.integers(-9, 9), max_size=40))
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_it_says_what_numpy_says(kind: type[np.signedinteger], rows: list[int]) -> None:  # type: ignore[type-arg]
    given_ = np.array(rows, dtype=kind)
    found = distinct(given_)
    assert found.dtype == kind
    assert found.tolist() == np.unique(given_).tolist()
    assert given_.tolist() == rows
