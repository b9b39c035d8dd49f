"""What `POST /feedback` takes and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from service.api.answer import Answer
from service.api.body import Body, Name
from service.domain import Exposure, Feedback, FeedbackKind
from service.errors import BadInput

MOST: Final = 1_000

Ids = Annotated[list[Name], Field(max_length=MOST)]


SOMETHING: Final[JsonDict] = {
    "anyOf": [
        {"required": [kind], "properties": {kind: {"type": "array", "minItems": 1}}}
        for kind in ("shown", "clicked", "bought")
    ]
}
"""At least one of them says something: for whoever reads the schema, since the parser says more."""


class FeedbackBody(Body):
    """What became of a list: which of its items were seen, clicked, bought."""

    model_config = ConfigDict(json_schema_extra=SOMETHING)

    request_id: Name = Field(
        description="Of the list, as its answer says.", examples=["4f1c9a0be2d7"]
    )
    shown: Ids = Field(
        default=[], description="Items that the user saw.", examples=[["P00601", "P00017"]]
    )
    clicked: Ids = Field(
        default=[], description="Items that the user looked at.", examples=[["P00601"]]
    )
    bought: Ids = Field(
        default=[], description="Items that the user bought.", examples=[["P00601"]]
    )

    def to_domain(self) -> list[Feedback]:
        """The feedback in the product's own words, each once."""
        said = {
            FeedbackKind.SHOWN: self.shown,
            FeedbackKind.CLICKED: self.clicked,
            FeedbackKind.BOUGHT: self.bought,
        }
        found = [Feedback(kind, item_id) for kind, ids in said.items() for item_id in ids]
        if not found:
            raise BadInput("nothing is said of the list", hint="Name items in shown, clicked, ...")
        return list(dict.fromkeys(found))


def attributed(
    feedback: Sequence[Feedback], exposures: Sequence[Exposure]
) -> dict[Feedback, Exposure]:
    """Which list each is about: the latest that had the item. BadInput where none had it."""
    # The latest come first, and are to be put last: they stay.
    shown_by = {item: exposure for exposure in reversed(exposures) for item in exposure.items}
    strange = next((each for each in feedback if each.item_id not in shown_by), None)
    if strange is not None:
        raise BadInput(f"the list did not have the item {strange.item_id!r}")
    return {each: shown_by[each.item_id] for each in feedback}


class FeedbackAnswer(Answer):
    """What became of what was said."""

    new: int = Field(description="How much of it counts from now on.", examples=[2])
    known: int = Field(description="How much had been said before.", examples=[0])
    variant: str = Field(description="The variant that the list was made by.", examples=["default"])
