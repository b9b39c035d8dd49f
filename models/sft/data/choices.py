"""What can be chosen of instruction data."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from models.sft.data.kinds import Kind
from models.steps.config import Choices, Drawn


class TeacherName(StrEnum):
    """Who orders the items that follow the true next one."""

    SASREC = "sasrec"
    POPULARITY = "popularity"


class Fitting(Drawn):
    """What every file of examples keeps to."""

    context: int = Field(
        default=2048,
        ge=64,
        description="Tokens of prompt and answer; longer examples are left out.",
    )


class Making(Fitting):
    """How examples are made of what users met."""

    tasks: tuple[Kind, ...] = Field(
        default=tuple(Kind), min_length=1, description="Which tasks; general needs a file."
    )
    shares: dict[Kind, float] = Field(
        default_factory=dict,
        description="Of all moments, how many become an example of a task: 0 to 1; else all.",
    )
    most: int = Field(default=5000, ge=1, description="Training examples of a task at most.")
    most_validation: int = Field(
        default=200, ge=1, description="Validation examples of a task at most."
    )
    moments: int = Field(
        default=4, ge=1, description="Moments of a user to learn from, drawn with the seed."
    )
    history: int = Field(
        default=1000, ge=1, description="Items known of a user at most, the latest ones."
    )
    fewest: int = Field(default=5, ge=1, description="Items of the shortest list.")
    longest: int = Field(default=10, ge=1, description="Items of the longest list.")
    in_words: float = Field(
        default=0.5, ge=0, le=1, description="How often a control is said in words alone."
    )
    amount_said: float = Field(
        default=0.25, ge=0, le=1, description="How often such words say the list's length as well."
    )
    with_history: float = Field(
        default=0.5, ge=0, le=1, description="How often a search comes with a history."
    )
    teacher: TeacherName = Field(
        default=TeacherName.SASREC, description="Who orders what follows the true next item."
    )

    @model_validator(mode="after")
    def _whole(self) -> Making:
        if self.longest < self.fewest:
            raise ValueError(f"lists of {self.fewest} to {self.longest} items cannot be")
        if wrong := [share for share in self.shares.values() if not 0 <= share <= 1]:
            raise ValueError(f"a share of {wrong[0]} is none from 0 to 1")
        if strange := [kind for kind in self.shares if kind is Kind.GENERAL]:
            raise ValueError(f"{strange[0]} is made of no moments: most says how many there are")
        return self


class Selecting(Choices):
    """How many examples are taken of a folder."""

    first: int = Field(ge=2, description="Examples taken of both parts together.")


class Reading(Fitting):
    """How a file of questions with their answers becomes examples."""

    validation: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="Of rows that name no part, how many are kept for validation.",
    )
