"""What is told of how an answer came about, to whoever asks for it."""

from __future__ import annotations

from pydantic import Field

from service.api.answer import Answer
from service.api.service import Bounds
from service.domain import Considered, Inside, Prompt, Stage
from service.errors import BadInput


def told(bounds: Bounds, *, inside: bool) -> bool:
    """Whether a request that says so is told; BadInput where nobody is.

    A prompt holds what the operator wrote, which the page shows to those who build lists.
    """
    if inside and not bounds.playground:
        raise BadInput(
            "inside is told only where the playground is served",
            hint="Leave it out, or set LISTWRIGHT_SERVER__PLAYGROUND=true.",
        )
    return inside


class PromptShown(Answer):
    """What the model was asked."""

    version: str = Field(description="Version of the prompt.", examples=["recommend/2"])
    system: str = Field(
        description="The instruction, the same for all.", examples=["You are a shop assistant."]
    )
    user: str = Field(
        description="What is about this request.", examples=["History:\n- Trail Jacket"]
    )

    @classmethod
    def of(cls, prompt: Prompt | None) -> PromptShown | None:
        """As the API shows it; None if no model was asked."""
        if prompt is None:
            return None
        return cls(version=prompt.version, system=prompt.system, user=prompt.user)


class StageShown(Answer):
    """A stage of the road."""

    name: str = Field(description="What was done.", examples=["draft"])
    began: float = Field(description="Milliseconds after the request's start.", examples=[1.2])
    milliseconds: float = Field(description="How long it took.", examples=[812.0])

    @classmethod
    def of(cls, stage: Stage) -> StageShown:
        """As the API shows it."""
        return cls(name=stage.name, began=stage.began, milliseconds=stage.milliseconds)


class ConsideredItem(Answer):
    """An item that the list might have begun with."""

    id: str = Field(description="The item's id.", examples=["P00601"])
    title: str = Field(description="The whole title.", examples=["Trail Jacket, Women's"])
    categories: list[str] = Field(description="All its categories.", examples=[["Hiking", "Women"]])
    score: float = Field(
        description="What the retrievers say of it together, as a log-probability.",
        examples=[-4.21],
    )
    by: dict[str, float] = Field(
        description="What each of them says of it, in its own unit; left out where it says "
        "nothing.",
        examples=[{"sasrec": 1.23, "similarity": 0.4, "popularity": 0.1}],
    )

    @classmethod
    def of(cls, one: Considered) -> ConsideredItem:
        """As the API shows it."""
        return cls(
            id=one.item.id,
            title=one.item.title,
            categories=list(one.item.categories),
            score=one.score,
            by=dict(one.by),
        )


class AnswerInside(Answer):
    """How an answer came about."""

    prompt: PromptShown | None = Field(
        description="What the model was asked for this very answer; null if none was asked.",
        examples=[{"version": "multiple_choice/3", "system": "You are ...", "user": "Which ..."}],
    )
    stages: list[StageShown] = Field(
        description="The stages of the road, in order.",
        examples=[[{"name": "read", "began": 0.1, "milliseconds": 0.4}]],
    )

    @classmethod
    def of(cls, found: Inside) -> AnswerInside:
        """As the API shows it."""
        return cls(
            prompt=PromptShown.of(found.prompt),
            stages=[StageShown.of(stage) for stage in found.stages],
        )


class ListInside(Answer):
    """How a list came about."""

    prompt: PromptShown | None = Field(
        description="What the model was asked for this very list; null if none was asked.",
        examples=[{"version": "recommend/2", "system": "You are ...", "user": "History: ..."}],
    )
    considered: list[ConsideredItem] = Field(
        description="The items that the retrievers like best of those the plan allows, the best "
        "first; at most ten.",
        examples=[[{"id": "P1", "title": "Mug", "categories": [], "score": -4.2, "by": {}}]],
    )
    stages: list[StageShown] = Field(
        description="The stages of the road, in order.",
        examples=[[{"name": "plan", "began": 0.2, "milliseconds": 0.4}]],
    )

    @classmethod
    def of(cls, found: Inside) -> ListInside:
        """As the API shows it."""
        return cls(
            prompt=PromptShown.of(found.prompt),
            considered=[ConsideredItem.of(one) for one in found.considered],
            stages=[StageShown.of(stage) for stage in found.stages],
        )
