"""The whole evaluation in one call: answer, score, sum up."""

from __future__ import annotations

from collections.abc import Sequence

from models.evaluate.answer import run_rows
from models.evaluate.questions import Asked
from models.evaluate.rows import Row
from models.evaluate.running import How
from models.evaluate.scores import Judge
from models.evaluate.summary import Summary, summarise
from service.errors import BadInput


async def score_rows(
    asked: Sequence[Asked],
    rows: Sequence[Row],
    judge: Judge,
    how: How,
    *,
    baseline: str | None = None,
) -> Summary:
    """Figures of every row; BadInput before the first question if they could not be had."""
    _check(asked, rows, judge)
    return summarise(asked, await run_rows(asked, rows, how), judge, baseline=baseline)


def _check(asked: Sequence[Asked], rows: Sequence[Row], judge: Judge) -> None:
    if not asked or not rows:
        raise BadInput("There are no questions, or no rows, to be scored.")
    if len({row.name for row in rows}) < len(rows):
        raise BadInput("Two rows have the same name.")
    for each in asked:
        judge.check(each.metric)
