"""What `POST /verify` takes and answers: a list that was handed out, and what is wrong with it."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import Field, create_model

from service.api.answer import Answer
from service.api.body import Body, Name, UserName
from service.api.service import Bounds
from service.errors import BadInput


def _history(bounds: Bounds) -> Any:
    return Field(
        default=None,
        max_length=bounds.max_history,
        description="Ids of the items that the list was made for, oldest first. With neither these "
        "nor `user_id`, all but the history is checked.",
        examples=[["P00601", "P00017"]],
    )


class VerifyBody(Body):
    """A list to be checked."""

    answer: dict[str, Any] = Field(
        description="The whole JSON that `POST /recommend` answered.",
        examples=[{"request_id": "4f1c9a0be2d7", "items": [], "receipt": {"k": 10}}],
    )
    history: list[Name] | None = _history(Bounds())
    user_id: UserName | None = Field(
        default=None,
        description="The user whose remembered history the list was made for.",
        examples=["U00042"],
    )

    def checked(self) -> VerifyBody:
        """The same; BadInput where it names two histories."""
        if self.history is not None and self.user_id is not None:
            raise BadInput(
                "history and user_id are two histories", hint="Send the one it was made for."
            )
        return self


@cache
def verify_body(bounds: Bounds) -> type[VerifyBody]:
    """The schema with this service's own bounds in it, for the parser and the API page alike."""
    return create_model(
        "VerifyRequest",
        __base__=VerifyBody,
        __doc__=VerifyBody.__doc__,
        history=(list[Name] | None, _history(bounds)),
    )


class VerifyAnswer(Answer):
    """What came of checking a list."""

    holds: bool = Field(
        description="Whether all that can be checked of it holds: the items and what is said of "
        "them, `k`, each count and control of the receipt, the history if it is given, and that "
        "path, strategy, sources, model, prompt and retrievers fit together. What a catalogue "
        "cannot tell is checked for its form alone, and may be untrue: `score`, `reason`, "
        "`degraded`, `why`, `prior_weight`, which model, prompt, ranker and variant it was, "
        "`request_id`, `origin` and `timings`. `inside` is not checked.",
        examples=[True],
    )
    problems: list[str] = Field(
        description="What is wrong with it, for people.",
        examples=[["the receipt says repeats 0, counted 1"]],
    )
    notes: list[str] = Field(
        description="What is to be known of it besides, for people; it breaks no promise. So where "
        "the history is not the one that the list was made for, as when the user has met more "
        "since, and nothing listed is in it: then the receipt's account of it cannot be checked.",
        examples=[["the history given is not the one the list was made for: ..."]],
    )
    catalogue: str = Field(
        description="Version of the catalogue it was checked against.", examples=["c3e5ea93466dd"]
    )
