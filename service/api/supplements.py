"""What is told of what small models added, to a list or to an answer."""

from __future__ import annotations

from pydantic import Field

from service.api.answer import Answer, absent
from service.domain import Supplement, SupplementKind


class SupplementAccount(Answer):
    """What a small model had to say."""

    kind: SupplementKind = Field(description="Which kind of help.", examples=["similar"])
    used: bool = Field(description="Whether it had a part in what was made.", examples=[True])
    why: str = Field(
        description="Why it had, or had not.",
        examples=["the prompt shows 3, and its weight in the choice is 1"],
    )
    text: str = Field(
        description="What the prompt showed of it; of similarity the labels, the nearest first.",
        examples=["2, 3, 1"],
    )
    scores: dict[str, float] | None = Field(
        default=None,
        exclude_if=absent,
        description="Of similarity: how near each option is to what is asked, by its label; the "
        "cosine of the two, or how far a step of a scale lies from where the text does. Of spans "
        "the ten nearest.",
        examples=[{"1": 0.21, "2": 0.58, "3": 0.27}],
    )
    model: str | None = Field(
        default=None,
        exclude_if=absent,
        description="Which small model.",
        examples=["all-MiniLM-L6-v2"],
    )
    cached: bool = Field(description="Whether it was known from before.", examples=[False])
    milliseconds: float = Field(description="How long it took.", examples=[4.2])

    @classmethod
    def of(cls, supplement: Supplement) -> SupplementAccount:
        """As the API shows it."""
        return cls(
            kind=supplement.kind,
            used=supplement.used,
            why=supplement.why,
            text=supplement.text,
            scores=dict(supplement.scores) or None,
            model=supplement.model or None,
            cached=supplement.cached,
            milliseconds=supplement.milliseconds,
        )
