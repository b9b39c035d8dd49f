"""What all answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """One JSON object of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def absent(value: object) -> bool:
    """Whether a field is left out of the JSON."""
    return value is None
