"""What `POST /free` takes and answers: a list that nothing held, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from pydantic import Field

from service.api.answer import Answer, absent
from service.api.lists import ControlAccount
from service.api.schemas import ListBody, bounded
from service.api.service import Bounds
from service.domain import AmissKind, FreeLine, FreeList

MAX_LINES: Final = 30
"""A model that nothing holds may take its time for each."""


def most_lines(bounds: Bounds) -> int:
    """How long a list that nothing holds may be here."""
    return min(bounds.max_k, MAX_LINES)


class FreeBody(ListBody):
    """A request for a list that nothing holds."""


@cache
def free_body(bounds: Bounds) -> type[FreeBody]:
    """The schema with this service's own bounds in it, for the parser and the API page alike."""
    most = most_lines(bounds)
    few = replace(bounds, max_k=most, default_k=min(bounds.default_k, most))
    return bounded("FreeRequest", FreeBody, few)


class AmissAccount(Answer):
    """One thing that is wrong with a line."""

    kind: AmissKind = Field(description="For programs.", examples=["nonexistent"])
    message: str = Field(description="For people.", examples=["the catalogue has no such item"])


class FreeLineAnswer(Answer):
    """A line as the model wrote it."""

    text: str = Field(
        description="The line, without number, bullet and quotes.", examples=["Trail Jacket"]
    )
    id: str | None = Field(
        default=None,
        exclude_if=absent,
        description="The item that it means; left out if there is none.",
        examples=["P00601"],
    )
    title: str | None = Field(
        default=None,
        exclude_if=absent,
        description="The item's whole title.",
        examples=["Trail Jacket, Women's"],
    )
    categories: list[str] = Field(
        description="The item's categories.", examples=[["Hiking", "Women"]]
    )
    amiss: list[AmissAccount] = Field(
        description="What is wrong with it.",
        examples=[[{"kind": "repeat", "message": "it stands in the list already"}]],
    )

    @classmethod
    def of(cls, line: FreeLine) -> FreeLineAnswer:
        """As the API shows it."""
        item = line.item
        return cls(
            text=line.text,
            id=None if item is None else item.id,
            title=None if item is None else item.title,
            categories=[] if item is None else list(item.categories),
            amiss=[AmissAccount(kind=one.kind, message=one.message) for one in line.amiss],
        )


class FreeAnswer(Answer):
    """What the model wrote, and what the validator finds in it."""

    request_id: str = Field(
        description="The request's `X-Request-ID`, or one made for it.", examples=["4f1c9a0be2d7"]
    )
    text: str = Field(description="What the model wrote.", examples=["1. Trail Jacket\n2. Boots"])
    stopped: str | None = Field(
        default=None,
        exclude_if=absent,
        description="What cut the text short; left out where the model ended it. The line that it "
        "was cut in is not judged, nor what lines that lack might have mended.",
        examples=["the deadline came"],
    )
    lines: list[FreeLineAnswer] = Field(
        description="The lines of its list; of a text that was cut short, or ended after it had "
        "more of them than were asked for, those that it ended.",
        examples=[[{"text": "Trail Jacket", "id": "P1", "categories": [], "amiss": []}]],
    )
    k: int = Field(description="How many items were asked for.", examples=[10])
    violations: dict[str, int] = Field(
        description="How often each promise of a list is broken; none is left out but those that "
        "are kept. A wrong length (`count`) is one, however wrong.",
        examples=[{"nonexistent": 2, "control": 1}],
    )
    controls: list[ControlAccount] = Field(
        description="The controls that were to hold, as in receipts.",
        examples=[
            [
                {
                    "kind": "exclude",
                    "category": "Kids",
                    "categories": ["Kids"],
                    "want": "=0",
                    "got": 1,
                    "holds": False,
                }
            ]
        ],
    )
    model: str = Field(description="Which model wrote it.", examples=["SmolLM2-135M-Instruct-int4"])
    prompt: str = Field(
        description="Version of the prompt: that of lists whose titles the model spells. One that "
        "chooses by numbers where lists are served is asked by it here too.",
        examples=["recommend/2"],
    )
    timings: dict[str, float] = Field(
        description="Milliseconds each stage took, and the total.",
        examples=[{"write": 812.0, "read": 2.0, "total": 820.3}],
    )

    @classmethod
    def of(cls, made: FreeList) -> FreeAnswer:
        """As the API shows it."""
        return cls(
            request_id=made.request_id,
            text=made.text,
            stopped=made.stopped,
            lines=[FreeLineAnswer.of(line) for line in made.lines],
            k=made.k,
            violations=dict(made.violations),
            controls=[ControlAccount.of(outcome) for outcome in made.controls],
            model=made.model,
            prompt=made.prompt,
            timings=dict(made.timings),
        )
