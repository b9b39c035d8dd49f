"""The columns of the table: what each row reached, which is best, and which are not told from it.

Whether a row differs from the best is seen on the same draws of the same users or questions, as
the evaluators do it: where 95% of the draws' differences hold 0, it is not told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.evaluate.answer import Run
from models.evaluate.bootstrap import Estimate
from models.evaluate.compare.choices import CompareChoices, Road, row_of
from models.evaluate.compare.findings import Findings, Measured, together
from models.evaluate.compare.measuring import REFERENCE
from models.evaluate.compare.numbers import (
    exact,
    megabytes,
    percent,
    plain,
    rate,
    seconds,
    times,
    whole,
)
from models.evaluate.questions import Asked
from models.evaluate.recommend.figures import figures
from models.evaluate.recommend.metrics import COUNT, CPA, FORM, hr, marks, ndcg, tcp
from models.evaluate.recommend.rows import WORDS as LIST_WORDS
from models.evaluate.recommend.summary import ALL, Lot, Summary, summarised
from models.evaluate.recommend.tasks import Task
from models.evaluate.scores import Judge
from models.evaluate.summary import Summary as Answered
from models.evaluate.summary import summarise

REFERENCES: Final = frozenset(LIST_WORDS[name] for name in REFERENCE)
"""Rows of no model: never the best, since nobody can choose them here."""


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of every row that has it."""

    title: str
    group: str
    cells: Mapping[str, Estimate]
    show: Callable[[float], str]
    better: int = 1
    """1 where more is, -1 where less is, 0 where neither is."""
    alike: frozenset[str] | None = None
    """Rows that are not told from the best; None where that is not tested."""

    @property
    def best(self) -> str | None:
        """The row that is, if there are several and they are not all the same."""
        return best_of(self.cells, self.better)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole table, and what went wrong."""

    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    failures: Mapping[str, int] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    """Rows whose lists are neither spelled nor weighed with the prior: of numbered candidates."""


def best_of(cells: Mapping[str, Estimate], better: int = 1) -> str | None:
    """The row of the best figure among the models'; None if there is nothing to choose."""
    values = {row: better * of.value for row, of in cells.items() if row not in REFERENCES}
    if not better or len(set(values.values())) < 2:  # noqa: PLR2004 - one alone is no best
        return None
    return max(values, key=lambda row: values[row])


def board_of(
    choices: CompareChoices, asked: Sequence[Asked], findings: Findings, judge: Judge
) -> Board:
    """The table of what was found."""
    lots = [lot for lot in (findings.reference, *(m.lot for m in findings.models)) if lot]
    lot = together(lots)
    columns, failures = list[Column](), dict[str, int]()
    if lot is not None:
        summary = summarised(lot, findings.measured, findings.rows)
        columns += [*_of_lists(lot, summary)]
        failures |= summary.failures
    run = {row: made for each in findings.models for row, made in each.run.items()}
    if run:
        answered = summarise(asked, run, judge)
        columns += _of_answers(asked, run, judge, answered)
        failures |= answered.failures
    columns += _of_cost(findings.models, choices)
    columns += _of_general(findings.models, choices)
    rows = [row.name for row in findings.rows if row.name in REFERENCES]
    rows += [row_of(each.candidate.name, road) for each in findings.models for road in choices.rows]
    there = tuple(column for column in columns if column.cells)
    return Board(tuple(rows), there, failures, _chosen(findings.models, choices))


def _chosen(models: Sequence[Measured], choices: CompareChoices) -> frozenset[str]:
    """Rows by which a server that holds no speller was shown candidates, and named numbers."""
    roads = [road for road in choices.rows if road is not Road.FREE]
    shown = [each for each in models if each.labels and each.lot is not None]
    return frozenset(row_of(each.candidate.name, road) for each in shown for road in roads)


def _of_lists(lot: Lot, summary: Summary) -> Iterator[Column]:
    k = lot.k
    for metric in (hr(k), ndcg(k)):
        yield _tested(lot, summary, Task.SEQUENTIAL, metric, metric, "recommendation", plain)
        yield Column(f"{metric} / SASRec", "recommendation", _ratios(summary, metric), times, 0)
    for task, title in ((Task.INCLUDE, "TCP include"), (Task.EXCLUDE, "TCP exclude")):
        yield _tested(lot, summary, task, title, tcp(k), "obedience", percent)
    for task, sign in ((Task.AT_MOST, "<="), (Task.AT_LEAST, ">="), (Task.ABOUT, "~")):
        yield _tested(lot, summary, task, f"CPA {sign}", CPA, "obedience", percent)
    for metric in FORM:
        cells = {row: of[metric].value for row, of in summary.form.items() if metric in of}
        yield Column(metric, "formatting", cells, percent, 1 if metric == COUNT else -1)


def _tested(  # noqa: PLR0913, PLR0917 - of what, where it stands, how it reads
    lot: Lot,
    summary: Summary,
    task: Task,
    title: str,
    metric: str,
    group: str,
    show: Callable[[float], str],
) -> Column:
    """A figure of a task, with which rows are not told from the best."""
    if task not in summary.tasks:
        return Column(title, group, {}, show)
    of_rows = summary.tasks[task].slices[ALL].rows
    cells = {row: of[metric].value for row, of in of_rows.items() if metric in of}
    best = best_of(cells)
    if best is None:
        return Column(title, group, cells, show)
    marked = {row: marks(task, lot.k, t.counts) for row, t in lot.tasks[task].rows.items()}
    alike = set()
    for row, of in figures(marked, best).items():
        against = of[metric].against if metric in of else None
        if against is not None and against.difference.high >= 0:
            alike.add(row)
    return Column(title, group, cells, show, alike=frozenset(alike - REFERENCES))


def _ratios(summary: Summary, metric: str) -> dict[str, Estimate]:
    if Task.SEQUENTIAL not in summary.tasks:
        return {}
    found = {}
    for row, of in summary.tasks[Task.SEQUENTIAL].slices[ALL].rows.items():
        against = of[metric].against if metric in of else None
        if against is not None and against.ratio is not None:
            found[row] = against.ratio
    return found


def _of_answers(
    asked: Sequence[Asked], run: Run, judge: Judge, answered: Answered
) -> Iterator[Column]:
    """A column for each type of question that there is, and one for all."""
    compared: dict[str, Answered] = {}
    for kind in answered.kinds:
        cells = {row: of[kind].score for row, of in answered.figures.items()}
        best, alike = best_of(cells), None
        if best is not None:
            if best not in compared:
                compared[best] = summarise(asked, run, judge, baseline=best)
            against = {row: of[kind].against for row, of in compared[best].figures.items()}
            alike = frozenset(row for row, gain in against.items() if gain and gain.high >= 0)
        yield Column(kind.replace("_", " "), "questions", cells, plain, alike=alike)


def _of_cost(models: Sequence[Measured], choices: CompareChoices) -> Iterator[Column]:
    rates, reads = dict[str, Estimate](), dict[str, Estimate]()
    for row, speed in ((row, s) for each in models for row, s in each.speeds.items()):
        if speed.rate is not None:
            rates[row] = exact(speed.rate)
        if speed.read is not None:
            reads[row] = exact(speed.read)
    yield Column("tokens/s decoded", "cost", rates, rate)
    yield Column("s to read a prompt", "cost", reads, seconds, -1)
    # What a model takes is the same by every road: it stands in the first of its rows.
    firsts = {each.candidate.name: row_of(each.candidate.name, choices.rows[0]) for each in models}

    def column(title: str, values: Mapping[str, float | None], better: int) -> Column:
        cells = {firsts[name]: exact(value) for name, value in values.items() if value is not None}
        return Column(title, "cost", cells, megabytes if better else whole, better)

    yield column("MB of weights", {m.candidate.name: m.room.weights for m in models}, -1)
    yield column("MB of memory", {m.candidate.name: m.room.peak for m in models}, -1)
    yield column("context", {m.candidate.name: m.context for m in models}, 0)


def _of_general(models: Sequence[Measured], choices: CompareChoices) -> Iterator[Column]:
    """What the harness found; like a model's weights in the first of its rows."""
    found: dict[str, dict[str, Estimate]] = {}
    better: dict[str, int] = {}
    for each in models:
        for task, ability in each.general.items():
            if ability.first is not None:
                metric, value = ability.first
                row, title = row_of(each.candidate.name, choices.rows[0]), f"{task} {metric}"
                found.setdefault(title, {})[row] = value
                better[title] = ability.better.get(metric, 0)
    for title, cells in found.items():
        yield Column(title, "general ability", cells, plain, better[title])
