"""What all answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response


class Answer(BaseModel):
    """One JSON object of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def absent(value: object) -> bool:
    """Whether a field is left out of the JSON."""
    return value is None


def as_json(answer: Answer, status: int = 200) -> Response:
    """Already validated, so it goes out as it is: FastAPI would validate it once more."""
    return Response(answer.model_dump_json(), status_code=status, media_type="application/json")
