"""From outcomes to figures: by row and type of question, and over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Final

import numpy as np

from models.evaluate.answer import Run
from models.evaluate.bootstrap import Estimate, Sample, estimate
from models.evaluate.form import Form, well_formed
from models.evaluate.named import FIRST, Counts
from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked
from models.evaluate.scores import Judge, Score
from service.question import Task

OVERALL: Final = "overall"


@dataclass(frozen=True, slots=True)
class Marked:
    """One answer with its marks."""

    asked: Asked
    outcome: Outcome
    score: Score
    well_formed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row reached on one type of question, or on all."""

    n: int
    score: Estimate
    well_formed: float
    """Share of the answers."""
    failed: int
    seconds: float
    """Median."""
    stages: Mapping[str, float]
    """Mean milliseconds."""
    degraded: float = 0.0
    """Share of the answers, failures left out, that the model did not make whole in time."""
    completed: float = 0.0
    """Share of them with labels that the model did not name."""
    against: Estimate | None = None
    """How much better than the row that all are compared with, on the same questions."""


@dataclass(frozen=True, slots=True)
class Summary:
    """By row, then by type of question, `overall` last."""

    figures: Mapping[str, Mapping[str, Figures]]
    failures: Mapping[str, int] = field(default_factory=dict)
    """What went wrong, by row and reason, and how often."""
    baseline: str | None = None
    encoder: str | None = None
    """Which model compared sentences; None where no question wanted it."""
    model: str | None = None
    """Which model answered, where one had a say."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of question there were."""
        return tuple(next(iter(self.figures.values()), {}))


def marked(asked: Sequence[Asked], outcomes: Sequence[Outcome], judge: Judge) -> tuple[Marked, ...]:
    """Every answer of one row with its score and whether it has the form asked for."""
    return tuple(_marked(*pair, judge) for pair in zip(asked, outcomes, strict=True))


def _marked(asked: Asked, outcome: Outcome, judge: Judge) -> Marked:
    read = outcome.form or Form(asked.kind)
    form = read.meant(asked.kind, asked.k or FIRST)
    formed = form is not None and well_formed(outcome.text, form)
    return Marked(
        asked=asked,
        outcome=outcome,
        score=judge.score(outcome.text, asked.metric, asked.truth, first=read.first),
        well_formed=formed and outcome.failure is None and outcome.form is not None,
    )


def summarise(
    asked: Sequence[Asked], run: Run, judge: Judge, *, baseline: str | None = None
) -> Summary:
    """Figures of all rows; each is also compared with the baseline's, if one is named."""
    rows = {name: marked(asked, outcomes, judge) for name, outcomes in run.items()}
    base = rows.get(baseline) if baseline else None
    return Summary(
        figures={
            name: {kind: _figures(row, base, chosen) for kind, chosen in _groups(asked).items()}
            for name, row in rows.items()
        },
        failures=_failures(rows),
        baseline=baseline if base else None,
        encoder=_encoder(asked, judge),
    )


def _encoder(asked: Sequence[Asked], judge: Judge) -> str | None:
    compared = any(each.metric.needs_encoder for each in asked)
    return judge.encoder.name if compared and judge.encoder else None


def _groups(asked: Sequence[Asked]) -> dict[str, list[int]]:
    """The places of the questions of each type that occurs, and of all."""
    groups = {
        kind.value: [place for place, each in enumerate(asked) if each.kind is kind]
        for kind in Task
    }
    return {kind: there for kind, there in groups.items() if there} | {
        OVERALL: list(range(len(asked)))
    }


def _figures(
    row: Sequence[Marked], base: Sequence[Marked] | None, chosen: Sequence[int]
) -> Figures:
    marks = [row[place] for place in chosen]
    draws = _sample(marks).draws()
    made = [mark.outcome for mark in marks if mark.outcome.failure is None]
    gain = None if base is None else draws - _sample([base[place] for place in chosen]).draws()
    return Figures(
        n=len(marks),
        score=estimate(draws),
        well_formed=fmean(mark.well_formed for mark in marks),
        failed=sum(mark.outcome.failure is not None for mark in marks),
        seconds=median(mark.outcome.seconds for mark in marks),
        stages=_stages(mark.outcome for mark in marks),
        degraded=_share(outcome.degraded for outcome in made),
        completed=_share(outcome.completed > 0 for outcome in made),
        against=None if gain is None or base is row else estimate(gain),
    )


def _sample(marks: Sequence[Marked]) -> Sample:
    counts = [mark.score.counts for mark in marks]
    return Sample(
        values=np.array([mark.score.value for mark in marks]),
        counts=np.array([_row(each or Counts()) for each in counts], dtype=np.float64),
        pooled=np.array([each is not None for each in counts]),
    )


def _share(flags: Iterable[bool]) -> float:
    return fmean([*flags] or [False])


def _row(counts: Counts) -> tuple[int, int, int]:
    return counts.hits, counts.extra, counts.missed


def _stages(outcomes: Iterable[Outcome]) -> dict[str, float]:
    spent: dict[str, list[float]] = {}
    for outcome in outcomes:
        for stage, milliseconds in outcome.timings.items():
            spent.setdefault(stage, []).append(milliseconds)
    return {stage: fmean(times) for stage, times in spent.items()}


def _failures(rows: Mapping[str, Sequence[Marked]]) -> dict[str, int]:
    reasons = [
        f"{name}: {mark.outcome.failure}"
        for name, row in rows.items()
        for mark in row
        if mark.outcome.failure is not None
    ]
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
