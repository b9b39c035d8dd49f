"""What models are asked, and what came of each and of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.data.split import Split
from models.evaluate.answer import Run
from models.evaluate.compare.candidates import Candidate
from models.evaluate.compare.memory import Room
from models.evaluate.compare.meter import Speed
from models.evaluate.general.asking import Ability, Asking
from models.evaluate.questions import Asked
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.summary import Answers, Lot
from models.evaluate.recommend.tasks import Task


@dataclass(frozen=True, slots=True)
class Inputs:
    """What models are asked."""

    split: Split | None = None
    questions: tuple[Asked, ...] = ()
    work: Path | None = None
    general: Asking | None = None
    """Tasks of lm-evaluation-harness, for models in folders."""


@dataclass(slots=True)
class Measured:
    """What came of one model."""

    candidate: Candidate
    lot: Lot | None = None
    run: Run = field(default_factory=dict)
    speeds: dict[str, Speed] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    context: int | None = None
    general: dict[str, Ability] = field(default_factory=dict)
    model: str = ""
    """What sets it apart from all others."""
    tuned: str = ""
    """What the prior was found to weigh for it."""
    labels: int = 0
    """From so many numbered candidates it chooses; 0 where it spells titles."""
    failure: str | None = None
    """Why it was not measured to the end."""

    @property
    def failed(self) -> bool:
        """Whether any of its lists or answers could not be made."""
        lists = self.lot is not None and self.lot.failed
        return lists or any(each.failure for every in self.run.values() for each in every)


@dataclass(slots=True)
class Findings:
    """What came of all."""

    models: list[Measured] = field(default_factory=list)
    reference: Lot | None = None
    rows: list[Row] = field(default_factory=list)
    """Of lists, the reference's first."""
    measured: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def together(lots: Sequence[Lot]) -> Lot | None:
    """The lists of all models: of the same requests, in the same order."""
    if not lots:
        return None
    tasks: dict[Task, Answers] = {}
    for lot in lots:
        for task, answers in lot.tasks.items():
            rows = {**tasks[task].rows, **answers.rows} if task in tasks else answers.rows
            tasks[task] = Answers(answers.group, rows)
    return Lot(lots[0].k, lots[0].users, tasks)
