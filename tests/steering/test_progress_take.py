"""Progress lets in exactly the rows with which the list can be finished."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from steering_world import World, worlds

from service.errors import SpellingError
from service.steering.plan import compile_plan
from service.steering.progress import Progress


@given(worlds(), st.data())
def test_may_take_is_exact_along_the_way(world: World, data: st.DataObject) -> None:
    assume(world.valid)
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    while not progress.complete:
        takeable = world.takeable(progress.rows)
        rows = range(len(world.titles))
        assert {row for row in rows if progress.may_take(row)} == takeable
        mask = progress.allowed()
        assert set(np.flatnonzero(mask).tolist()) - set(progress.rows) == takeable
        for row in set(rows) - takeable:
            before = (list(progress.rows), progress.open.tolist())
            with pytest.raises(SpellingError):
                progress.take(row)
            assert (progress.rows, progress.open.tolist()) == before
        progress.take(data.draw(st.sampled_from(sorted(takeable))))
    assert world.obeys(progress.rows, world.controls)
    assert progress.barred == sorted(progress.rows)
    assert not any(progress.may_take(row) for row in range(len(world.titles)))
