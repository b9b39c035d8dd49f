"""What all request bodies have in common."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from service.api.service import Bounds
from service.domain import Cot, Sampling

MAX_TEXT: Final = 2_000
MAX_NAME: Final = 512
MAX_SEED: Final = 2**32 - 1
MAX_PRIOR_WEIGHT: Final = 1_000_000.0
STEPS: Final = (".", "..")


def no_nul(text: str) -> str:
    """NUL is no text, and ends it for much of what reads it later."""
    if "\0" in text:
        raise PydanticCustomError("nul", "must not hold a NUL character")
    return text


def one_line(text: str) -> str:
    """What is to stand in a path: none leads to what holds a line feed."""
    if "\n" in text:
        raise PydanticCustomError("line_feed", "must not hold a line feed")
    return text


def no_step(text: str) -> str:
    """What is to stand in a path: there these are ways to go, and whoever asks goes them."""
    if text in STEPS:
        raise PydanticCustomError("step", "must not be . or ..")
    return text


def unsigned(number: float) -> float:
    """Zero without a sign: nobody means -0.0, and it would be told again as it came."""
    return number + 0.0


NO_NUL: Final = {"pattern": r"^[^\u0000]*$"}
"""The same for whoever reads the schema."""

IN_A_PATH: Final[dict[str, JsonValue]] = {
    "pattern": r"^[^\u0000\n]*$",
    "not": {"enum": list(STEPS)},
}
"""The same of what is to stand in a path."""

Text = Annotated[str, Field(max_length=MAX_TEXT, json_schema_extra=NO_NUL), AfterValidator(no_nul)]
Name = Annotated[
    str,
    Field(min_length=1, max_length=MAX_NAME, json_schema_extra=NO_NUL),
    AfterValidator(no_nul),
]
UserName = Annotated[
    str,
    Field(min_length=1, max_length=MAX_NAME, json_schema_extra=IN_A_PATH),
    AfterValidator(no_nul),
    AfterValidator(one_line),
    AfterValidator(no_step),
]
"""Of a user whose history is recorded: it can be asked for, and forgotten, by its path."""

Amount = Annotated[float, AfterValidator(unsigned)]


class Body(BaseModel):
    """JSON as it is: no unknown fields, no text read as a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def deadline_field(bounds: Bounds) -> Any:
    """A request's deadline, with this service's bound on it."""
    return Field(
        default=None,
        ge=1,
        le=bounds.max_deadline_ms,
        description="Milliseconds the answer may take; late parts are left out of it.",
        examples=[5_000],
    )


class DecodingBody(Body):
    """What a request may say of how the model decodes, and by when."""

    temperature: Amount | None = Field(
        default=None,
        ge=0,
        le=2,
        allow_inf_nan=False,
        description="How freely the model chooses among what is allowed; 0 always takes the best.",
        examples=[0.0],
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=MAX_SEED,
        description="The same seed and temperature give the same answer.",
        examples=[7],
    )
    deadline_ms: int | None = deadline_field(Bounds())
    variant: Name | None = Field(
        default=None,
        description="Which of the service's variants is to serve this; left out: `default`.",
        examples=["default"],
    )

    def sampling(self, bounds: Bounds) -> Sampling:
        """How the model draws."""
        warmth = bounds.temperature if self.temperature is None else self.temperature
        return Sampling(warmth, self.seed)


class EngineBody(DecodingBody):
    """The same, of a model that something weighs against."""

    prior_weight: Amount | None = Field(
        default=None,
        ge=0,
        le=MAX_PRIOR_WEIGHT,
        allow_inf_nan=False,
        description="How much the retrievers, or the encoder, weigh against the model; "
        "0 is the model alone.",
        examples=[1.0],
    )
    cot: Cot = Field(
        default=Cot.AUTO,
        description="Who thinks before the model makes a list or an answer: the small model beside "
        "the service, the engine itself, nobody; `auto`: as the service is set up, where it helps.",
        examples=["auto"],
    )
