"""The ballot: labels that an answer may name, and how the model comes to name them.

The labels are a lexicon that the same speller walks as it walks titles, so nothing but an answer
can be spelled. Where the model does not come to an end, the same plan selects the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from service.domain import Controls, Prompt
from service.errors import EngineFailed, EngineTimeout, NotFound, UnspellableLabels
from service.pipeline.answerer import Answerer
from service.pipeline.inquiry import Inquiry
from service.pipeline.pace import refuse_if_late
from service.ports import Engine, Job, Spelled
from service.steering.arrays import FloatArray, IntArray
from service.steering.assignment import Assignment
from service.steering.labels import LabelLexicon
from service.steering.plan import Plan, Stock, compile_plan
from service.steering.prior import Prior
from service.steering.progress import Progress
from service.steering.select import select

_NO_ROWS: Final[IntArray] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Ballot:
    """What may be named, how many of it, and what speaks for each."""

    labels: tuple[str, ...]
    choose: int
    separator: str
    scores: FloatArray | None = None
    """Log-probabilities of the labels by a small model."""
    weight: float = 0.0
    closing: int | None = None
    """The place of the label that means there is nothing more to name."""
    numbers: bool = False
    """Whether the prompt numbers the labels, for a server that nothing steers."""
    first: int = 1
    """The number of the first label, where a prompt numbers them."""
    whole: bool = True
    """Whether no label may be missing, though an engine cannot spell it."""
    kept: tuple[int, ...] = ()
    """Where the labels stood at first, if some have gone since."""

    def without(self, places: Collection[int]) -> Ballot:
        """The same ballot without the labels at these places."""
        kept = [at for at in range(len(self.labels)) if at not in places]
        return replace(
            self,
            kept=tuple(kept),
            labels=tuple(self.labels[at] for at in kept),
            choose=min(self.choose, len(kept)),
            scores=None if self.scores is None else self.scores[kept],
            closing=None if self.closing is None else kept.index(self.closing),
        )

    @property
    def plan(self) -> Plan:
        """Distinct labels, as many as are to be named."""
        return _plan(len(self.labels), self.choose)


@dataclass(frozen=True, slots=True)
class Count:
    """The places of the labels that were named, and how many of them the model did not name."""

    places: tuple[int, ...]
    completed: int = 0
    stopped: str | None = None
    misspelled: int = 0


async def cast(
    parts: Answerer, engine: Engine, ballot: Ballot, prompt: Prompt, inquiry: Inquiry
) -> Count:
    """Have the model name labels; EngineError if it names none."""
    ballot, assignment, spelled = await asyncio.to_thread(_assigned, engine, ballot)
    refuse_if_late(parts.pace, engine, ballot.choose, inquiry.deadline, _size(prompt))
    slip = _Slip(ballot, spelled, assignment.progress())
    sampling = inquiry.case.request.sampling
    job = Job(prompt, assignment, inquiry.deadline, sampling, slip.hear)
    inquiry.asked.prompt = prompt
    stopped = await _decoded(parts, engine, job)
    if not slip.heard:
        raise EngineTimeout(f"{stopped or 'it ended'} before the first label")
    if not slip.progress.rows:
        raise EngineFailed(f"none of the {slip.heard} labels it named may stand")
    named = len(slip.places)
    # In a list that the model has closed nothing is missing.
    select(slip.progress, assignment.prior)
    return Count(
        places=tuple(ballot.kept[place] if ballot.kept else place for place in slip.places),
        completed=len(slip.places) - named,
        stopped=stopped,
        misspelled=slip.misspelled,
    )


def best(scores: FloatArray, choose: int) -> tuple[int, ...]:
    """The places that scores alone would name."""
    progress = Progress(_plan(len(scores), choose))
    return tuple(select(progress, Prior.over(np.arange(len(scores)), scores)))


def _assigned(engine: Engine, ballot: Ballot) -> tuple[Ballot, Assignment, LabelLexicon]:
    """The ballot as the engine can spell it, and what follows from that."""
    try:
        spelled = _spelled(engine, ballot)
    except UnspellableLabels as error:
        lost = set(error.places)
        if ballot.whole or ballot.closing in lost or len(lost) >= len(ballot.labels) - 1:
            raise
        ballot = ballot.without(lost)
        spelled = _spelled(engine, ballot)
    rows = spelled.row
    prior = Prior.over(rows, _as_given(ballot) if ballot.scores is None else ballot.scores)
    assignment = Assignment(
        lexicon=spelled.lexicon,
        frame=spelled.frame,
        plan=ballot.plan,
        prior=prior,
        weight=ballot.weight,
        shown=rows if ballot.numbers else _NO_ROWS,
        first=ballot.first,
        separator=spelled.separator,
        closing=_NO_ROWS if ballot.closing is None else rows[[ballot.closing]],
        least=0 if ballot.closing is None else 1,
    )
    return ballot, assignment, spelled


def _spelled(engine: Engine, ballot: Ballot) -> LabelLexicon:
    return engine.spelling(ballot.labels, lines=ballot.choose, separator=ballot.separator)


def _as_given(ballot: Ballot) -> FloatArray:
    """Scores by which what is missing is added in the order given; they weigh nothing else."""
    return -np.arange(len(ballot.labels), dtype=np.float64)


async def _decoded(parts: Answerer, engine: Engine, job: Job) -> str | None:
    """Have the slip filled; what ended that early, if anything did."""
    within = job.deadline.remaining()
    try:
        decoding = await engine.spell(job)
    except EngineTimeout:
        parts.pace.late(within - job.deadline.remaining(), _size(job.prompt))
        raise
    parts.observer.decoded(decoding, engine.model)
    if decoding.fault is None:
        parts.pace.note(decoding, _size(job.prompt))
    else:
        parts.observer.left_out("engine", decoding.fault)
    return decoding.stopped


def _size(prompt: Prompt) -> float:
    """What reading a prompt takes, compared with others: three options or three hundred."""
    return float(len(prompt.system) + len(prompt.user))


class _Slip:
    """Labels as the engine names them; what may not stand, or reads otherwise, does not enter."""

    def __init__(self, ballot: Ballot, spelled: LabelLexicon, progress: Progress) -> None:
        self._ballot = ballot
        self._spelled = spelled
        self.progress = progress
        self.heard = 0
        self.misspelled = 0

    def hear(self, line: Spelled) -> None:
        """A label of the engine's answer."""
        self.heard += 1
        if not 0 <= line.row < len(self._ballot.labels):
            return
        label = self._ballot.labels[int(self._spelled.place[line.row])]
        if line.line is not None and line.line.strip() != label:
            self.misspelled += 1
        elif not self.progress.complete and self.progress.may_take(line.row):
            self.progress.take(line.row)

    @property
    def places(self) -> list[int]:
        """The places of the labels that entered, but for the one that closes."""
        places = [int(self._spelled.place[row]) for row in self.progress.rows]
        return [place for place in places if place != self._ballot.closing]


def _plan(labels: int, choose: int) -> Plan:
    return compile_plan(Stock(labels, _no_category, _NO_ROWS), Controls(), choose)


def _no_category(category: str) -> IntArray:
    raise NotFound(f"labels have no categories, {category!r} included")
