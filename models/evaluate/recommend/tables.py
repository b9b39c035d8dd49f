"""The figures as tables: what no machine changes first, seconds apart and last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console

from models.evaluate.bootstrap import Estimate
from models.evaluate.recommend.figures import Figure
from models.evaluate.recommend.free import READING
from models.evaluate.recommend.metrics import (
    CPA,
    CPA_WITHIN,
    DEFINITIONS,
    FORM,
    cutoffs,
    hr,
    ndcg,
    tcp,
)
from models.evaluate.recommend.rows import WORDS, RowName
from models.evaluate.recommend.summary import ALL, Summary, TaskSummary, Took
from models.evaluate.sheets import Sheet, draw, in_markdown

INTERVALS: Final = "95% of bootstrap draws"
FAILED: Final = "failed"


def sheets(summary: Summary) -> Iterator[Sheet]:
    """What was measured, accuracy and obedience by task, form, slices; then what it took."""
    yield Sheet("Measured", ("what", "value"), tuple(summary.measured.items()))
    for task in summary.tasks.values():
        yield _accuracy(task, summary.k)
        yield _obedience(task, summary.k)
        yield _compared(task, summary.k)
    yield Sheet(
        f"Form of all lists, % ({INTERVALS})",
        ("row", *FORM, FAILED),
        tuple(
            (row, *(_percent(of.get(name)) for name in FORM), _failed(summary, row))
            for row, of in summary.form.items()
        ),
    )
    for task in summary.tasks.values():
        for metric in (hr(summary.k), ndcg(summary.k)):
            yield _slices(task, metric)
    yield Sheet("Metrics", ("metric", "what it is"), tuple(DEFINITIONS.items()))
    if WORDS[RowName.FREE] in summary.form:
        title = f"How {WORDS[RowName.FREE]!r} is read"
        yield Sheet(title, ("what", "rule"), tuple(READING.items()))
    yield _taken(summary, "Lists that failed", lambda took: str(took.failed))
    if summary.failures:
        told = tuple((reason, str(many)) for reason, many in summary.failures.items())
        yield Sheet("Failures", ("what", "times"), told)
    yield _taken(summary, "Weight of the prior, median", _weight)
    yield _taken(summary, "Strategies that the service chose, lists of each", _strategies)
    yield _taken(summary, "Seconds a list on this machine, median and 95th percentile", _seconds)


def _titled(task: TaskSummary, what: str) -> str:
    without = f", {task.left_out} users without such a request" if task.left_out else ""
    return f"{task.title}: {what} (n={task.slices[ALL].users}{without})"


def _accuracy(task: TaskSummary, k: int) -> Sheet:
    names = [name for metric in (hr, ndcg) for name in map(metric, cutoffs(k))]
    rows = task.slices[ALL].rows
    return Sheet(
        _titled(task, f"accuracy, {INTERVALS}"),
        ("row", *names),
        tuple((row, *(_figure(of.get(name)) for name in names)) for row, of in rows.items()),
    )


def _obedience(task: TaskSummary, k: int) -> Sheet:
    """Empty where nothing is controlled."""
    rows = task.slices[ALL].rows
    wanted = (tcp(k), CPA, CPA_WITHIN)
    names = [name for name in wanted if any(name in of for of in rows.values())]
    cells = (
        (row, *(_percent(of.get(name)) for name in names), str(task.took[row].failed))
        for row, of in rows.items()
    )
    header = ("row", *names, FAILED)
    return Sheet(_titled(task, "obedience, %"), header, tuple(cells) if names else ())


def _compared(task: TaskSummary, k: int) -> Sheet:
    """Empty without the row that all are compared with."""
    names = (hr(k), ndcg(k))
    header = [title for name in names for title in (f"{name} above", f"{name} ratio")]
    rows = task.slices[ALL].rows
    cells = (
        (row, *(cell for name in names for cell in _against(of.get(name))))
        for row, of in rows.items()
        if task.baseline in rows and row != task.baseline
    )
    title = _titled(task, f"against {task.baseline!r}, on the same users")
    return Sheet(title, ("row", *header), tuple(cells))


def _slices(task: TaskSummary, metric: str) -> Sheet:
    header = (f"{name} (n={one.users})" for name, one in task.slices.items())
    rows = (
        (row, *(_sliced(one.rows[row].get(metric)) for one in task.slices.values()))
        for row in task.slices[ALL].rows
    )
    title = f"{task.title}: {metric} by slice, and as a multiple of {task.baseline!r}"
    return Sheet(title, ("row", *header), tuple(rows))


def _taken(summary: Summary, title: str, cell: Callable[[Took], str]) -> Sheet:
    """By row and task; tasks that a row is not asked for are left blank, rows of blanks out."""
    rows = (
        (
            row,
            *(cell(of.took[row]) if row in of.took else "" for of in summary.tasks.values()),
        )
        for row in summary.form
    )
    told = tuple(row for row in rows if any(row[1:]))
    return Sheet(title, ("row", *(task.value for task in summary.tasks)), told)


def _failed(summary: Summary, row: str) -> str:
    """How many of all lists, since form is told of all."""
    took = [of.took[row] for of in summary.tasks.values() if row in of.took]
    return f"{sum(one.failed for one in took)} of {sum(one.lists for one in took)}"


def _weight(took: Took) -> str:
    return "" if took.weight is None else f"{took.weight:g}"


def _strategies(took: Took) -> str:
    return ", ".join(f"{name} {many}" for name, many in took.strategies.items())


def _seconds(took: Took) -> str:
    if took.median is None or took.p95 is None:
        return ""
    return f"{took.median:.3f}, {took.p95:.3f}"


def _figure(of: Figure | None) -> str:
    return "" if of is None else _estimate(of.value)


def _sliced(of: Figure | None) -> str:
    if of is None or of.against is None or of.against.ratio is None:
        return _figure(of)
    return f"{_figure(of)}, {of.against.ratio.value:.2f}x"


def _percent(of: Figure | None) -> str:
    if of is None:
        return ""
    low, high = 100 * of.value.low, 100 * of.value.high
    return f"{100 * of.value.value:.2f} ({low:.1f} to {high:.1f})"


def _against(of: Figure | None) -> tuple[str, str]:
    if of is None or of.against is None:
        return "", ""
    ratio = of.against.ratio
    return _estimate(of.against.difference, "+"), _estimate(ratio) if ratio else ""


def _estimate(of: Estimate, sign: str = "") -> str:
    return f"{of.value:{sign}.4f} ({of.low:{sign}.3f} to {of.high:{sign}.3f})"


def _told(summary: Summary) -> list[Sheet]:
    return [sheet for sheet in sheets(summary) if sheet.rows]


def show(console: Console, summary: Summary) -> None:
    """Print all tables."""
    draw(console, _told(summary))


def markdown(summary: Summary) -> str:
    """All tables as Markdown."""
    return in_markdown(_told(summary))


def as_json(summary: Summary) -> str:
    """All figures as JSON."""
    return json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n"


def write(summary: Summary, *, markdown_to: Path | None, json_to: Path | None) -> None:
    """Write the files that are named."""
    for path, text in ((markdown_to, markdown), (json_to, as_json)):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(summary), "utf-8", "replace")
