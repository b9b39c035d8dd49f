"""The figures as tables: on a terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from models.evaluate.bootstrap import Estimate
from models.evaluate.sheets import Sheet, draw, in_markdown
from models.evaluate.summary import OVERALL, Figures, Summary


def sheets(summary: Summary) -> Iterator[Sheet]:
    """A row for each road and a column for each type of question, in every table."""
    by = f"; sentences compared by {summary.encoder}" if summary.encoder else ""
    of = f" of {summary.model}" if summary.model else ""
    yield _sheet(summary, f"Score{of} (95% of bootstrap draws{by})", lambda of: _estimate(of.score))
    if summary.baseline:
        title = f"Score above that of {summary.baseline!r}, on the same questions"
        yield _sheet(summary, title, lambda of: _estimate(of.against, "+"))
    yield _sheet(summary, "Well-formed", lambda of: f"{of.well_formed:.0%}{_failed(of)}")
    if any(row[OVERALL].degraded or row[OVERALL].completed for row in summary.figures.values()):
        yield _sheet(summary, "Degraded; with labels the model did not name", _unfinished)
    yield _sheet(summary, "Seconds a question, median", lambda of: f"{of.seconds:.2f}")
    if stages := _stages(summary):
        yield stages
    if summary.failures:
        rows = tuple((reason, str(many)) for reason, many in summary.failures.items())
        yield Sheet("Failures", ("what", "times"), rows)


def _sheet(summary: Summary, title: str, cell: Callable[[Figures], str]) -> Sheet:
    first = next(iter(summary.figures.values()))
    header = (f"{kind.replace('_', ' ')} (n={first[kind].n})" for kind in summary.kinds)
    rows = (
        (name, *(cell(row[kind]) for kind in summary.kinds))
        for name, row in summary.figures.items()
    )
    return Sheet(title, ("row", *header), tuple(rows))


def _stages(summary: Summary) -> Sheet | None:
    rows = {name: row[OVERALL].stages for name, row in summary.figures.items()}
    names = tuple(dict.fromkeys(stage for stages in rows.values() for stage in stages))
    if not names:
        return None
    cells = (
        (row, *(f"{stages[name]:.1f}" if name in stages else "" for name in names))
        for row, stages in rows.items()
    )
    return Sheet("Milliseconds by stage, mean", ("row", *names), tuple(cells))


def _estimate(of: Estimate | None, sign: str = "") -> str:
    if of is None:
        return ""
    return f"{of.value:{sign}.3f} ({of.low:{sign}.2f} to {of.high:{sign}.2f})"


def _unfinished(of: Figures) -> str:
    return f"{of.degraded:.0%}; {of.completed:.0%}"


def _failed(of: Figures) -> str:
    return f", {of.failed} failed" if of.failed else ""


def show(console: Console, summary: Summary) -> None:
    """Print all tables."""
    draw(console, sheets(summary))


def markdown(summary: Summary) -> str:
    """All tables as Markdown."""
    return in_markdown(sheets(summary))


def as_json(summary: Summary) -> str:
    """All figures as JSON."""
    return json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n"


def write(summary: Summary, *, markdown_to: Path | None, json_to: Path | None) -> None:
    """Write the files that are named."""
    if markdown_to:
        markdown_to.write_text(markdown(summary), "utf-8", "replace")
    if json_to:
        json_to.write_text(as_json(summary), "utf-8", "replace")
