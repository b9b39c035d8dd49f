"""Of rows that share one title the best is found as if each were looked at by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from steering_world import World, lexicon_of, worlds

from service.domain import Controls
from service.steering import progress as progress_module
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.territory import Territory

TWINS = 100_000


def one_by_one(progress: Progress, prior: Prior, lo: int, hi: int) -> int:
    rows = np.array([row for row in range(lo, hi) if progress.may_take(row)])
    return int(rows[np.argmax(prior.of(rows))])


@given(worlds(), st.integers(1, 4), st.data())
def test_the_best_of_any_range(world: World, piece: int, data: st.DataObject) -> None:
    assume(world.valid)
    progress = Progress(compile_plan(world.stock, world.controls, world.k))
    territory = Territory(world.lexicon, progress, world.prior)
    size = len(world.titles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress_module, "PIECE", piece)
        while not progress.complete:
            territory.enter_slot()
            takeable = sorted(world.takeable(progress.rows))
            row = data.draw(st.sampled_from(takeable))
            lo, hi = data.draw(st.integers(0, row)), data.draw(st.integers(row + 1, size))
            if hi - lo > 1:
                best = one_by_one(progress, world.prior, lo, hi)
                assert territory.best_row(lo, hi) == best
            progress.take(row)


def test_a_range_without_such_a_row_has_no_first() -> None:
    plan = compile_plan(Stock(3, {}.__getitem__, np.array([1, 2])), Controls(), 1)
    with pytest.raises(ValueError, match="none of the rows 1 to 3"):
        Progress(plan).first(1, 3)


@pytest.mark.parametrize("scored", [[], [TWINS - 2], [3, TWINS - 1]])
def test_many_items_of_one_title_are_not_looked_at_one_by_one(
    scored: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon, _ = lexicon_of([(1, 0)] * 3)
    banned = np.arange(TWINS - 3)
    progress = Progress(compile_plan(Stock(TWINS, {}.__getitem__, banned), Controls(), 2))
    prior = Prior.over(np.array(scored, dtype=np.int64), -np.arange(len(scored), dtype=float))
    territory = Territory(lexicon, progress, prior)
    territory.enter_slot()
    expected = one_by_one(progress, prior, 0, TWINS)
    asked: list[int] = []
    monkeypatch.setattr(Progress, "may_take", lambda _self, row: asked.append(row) or True)
    assert territory.best_row(0, TWINS) == expected
    assert asked == []
