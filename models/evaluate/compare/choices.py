"""What can be chosen of a comparison; a file may hold all of it, the models among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field, field_validator

from models.evaluate import rows
from models.evaluate.compare.serving import STARTS_WITHIN_S
from models.evaluate.recommend.rows import RowName
from models.evaluate.recommend.tasks import Task
from models.steps.config import Drawn


class Road(StrEnum):
    """By which road a model makes lists and answers."""

    FREE = "free"
    CONSTRAINED = "constrained"
    PRIOR = "prior"

    @property
    def of_lists(self) -> RowName:
        """What `evaluate recommend` calls it."""
        return RowName(self.value)

    @property
    def of_answers(self) -> str:
        """What `evaluate answer` calls it."""
        return _ANSWERS[self]


_ANSWERS: Final = {
    Road.FREE: rows.FREE,
    Road.CONSTRAINED: rows.MODEL_ALONE,
    Road.PRIOR: rows.SIMILARITY,
}

TASKS: Final = (
    Task.SEQUENTIAL,
    Task.INCLUDE,
    Task.EXCLUDE,
    Task.AT_MOST,
    Task.AT_LEAST,
    Task.ABOUT,
)
"""What models are compared by: accuracy, and every control."""

WORDS: Final = {Road.FREE: "free", Road.CONSTRAINED: "constrained", Road.PRIOR: "with prior"}


class CompareChoices(Drawn):
    """How models are compared."""

    models: dict[str, str] = Field(
        default_factory=dict, description="Names, and where each model lies or answers."
    )
    bases: dict[str, str] = Field(
        default_factory=dict, description="What adapters stand on, by the model's name."
    )
    tokenizers: dict[str, str] = Field(
        default_factory=dict, description="Folders of tokenizers, by the name of the endpoint."
    )
    rows: tuple[Road, ...] = Field(
        default=tuple(Road), min_length=1, description="Roads that each model makes lists by."
    )
    tasks: tuple[Task, ...] = Field(
        default=TASKS, min_length=1, description=f"What is asked: some of {', '.join(TASKS)}."
    )
    k: int = Field(default=10, ge=1, description="Items in a list.")
    users: int | None = Field(default=None, ge=1, description="Users, drawn with the seed.")
    tune_users: int = Field(
        default=0, ge=0, description="Users to find each model's weight with; 0: as set, for all."
    )
    vllm_options: tuple[str, ...] = Field(
        default=(),
        description="More options of vLLM, for vllm:FOLDER. It is started for a CPU: these win.",
    )
    vllm_seconds: float = Field(
        default=STARTS_WITHIN_S, gt=0, description="How long that vLLM may take to answer."
    )

    @field_validator("rows")
    @classmethod
    def _once(cls, rows: tuple[Road, ...]) -> tuple[Road, ...]:
        """Each once."""
        return tuple(dict.fromkeys(rows))

    @field_validator("tasks")
    @classmethod
    def _of_the_table(cls, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        """Each once; ValueError for one that the table has no column for."""
        if strangers := [task for task in tasks if task not in TASKS]:
            raise ValueError(f"{strangers[0]} has no column here; there are {', '.join(TASKS)}")
        return tuple(dict.fromkeys(tasks))


def row_of(name: str, road: Road) -> str:
    """How the table calls one road of one model."""
    return f"{name}, {WORDS[road]}"
