"""What is to be tuned, on what, and how: read, and refused, before a model is loaded."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from models.llm.checkpoint import Checkpoint, checkpoint_in, refuse_quantised
from models.sft.choices import LOSS, Tuning
from models.sft.data.parts import TRAIN, VALIDATION, refuse_other_data
from models.sft.lessons import Lessons, lessons_in
from models.sft.sharding import processes, started
from models.sft.trainer import Judge
from service.errors import BadSettings

Judging: TypeAlias = AbstractContextManager[Judge]
"""A judge that is yet to be opened, which may take minutes: what is refused is told before."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that training takes."""

    parent: Checkpoint
    lessons: Lessons
    validation: Lessons
    choices: Tuning
    judge: Judging | None = None

    @property
    def steps(self) -> int:
        """At most."""
        batches = math.ceil(len(self.lessons.rows) / (self.choices.batch * processes()))
        most = math.ceil(self.choices.epochs * math.ceil(batches / self.choices.accumulate))
        return min(most, self.choices.steps or most)

    @property
    def judged(self) -> bool:
        """Whether there is a best step, or only a last one."""
        return bool(self.validation.rows) or self.judge is not None


def task_of(data: Path, model: Path, choices: Tuning, judge: Judging | None = None) -> Task:
    """The task; BadInput or BadSettings if it could not be done."""
    parent = checkpoint_in(model)
    hint = "Tune the model it was made of; with four_bit = true its weights take as little."
    refuse_quantised(parent, hint)
    _refuse_longer(parent, choices.context)
    _refuse_judging(choices, judged=judge is not None)
    refuse_other_data(data, parent.tokenizer)
    most = choices.validation_examples
    lessons, validation = (
        lessons_in(data / name, parent.tokenizer, choices.context, first)
        if first != 0
        else Lessons()
        for name, first in ((TRAIN, None), (VALIDATION, most))
    )
    return Task(parent, lessons, validation, choices, judge)


def _refuse_longer(parent: Checkpoint, context: int) -> None:
    """What a model was never taught to read."""
    if parent.context is not None and context > parent.context:
        raise BadSettings(
            f"The context is {context} tokens, and {parent.folder} reads {parent.context}.",
            hint=f"Set context to {parent.context} or less.",
        )


def _refuse_judging(choices: Tuning, *, judged: bool) -> None:
    """A best step that could not be told."""
    if judged and started() > 1:
        raise BadSettings(
            "Lists are judged in one process, and there are several.",
            hint="Set judged_users = 0: the loss keeps the best; judge the adapter afterwards.",
        )
    if choices.best != LOSS and not judged:
        raise BadSettings(
            f"The best is to be kept by {choices.best!r}, and no lists are judged.",
            hint="Name --world and set judged_users, or leave `best` at `loss`.",
        )
    if choices.best == LOSS and judged and not choices.validation_examples:
        raise BadSettings(
            "The best is to be kept by the loss, and there are no validation examples.",
            hint="Set validation_examples, or `best` to a figure of the lists.",
        )
