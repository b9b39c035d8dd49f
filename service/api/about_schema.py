"""What a page has to know before it can ask: what the service is made of, and for whom."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from pydantic import Field

from service.api.answer import Answer
from service.api.free_schema import most_lines
from service.api.service import Bounds, Service
from service.domain import KnownUser, Strategy
from service.pipeline.weighing import can_weigh

SIMILARITY: Final = "similarity"
"""How the retriever is called that compares items by their meaning."""


class AboutAnswer(Answer):
    """What the service is made of."""

    version: str = Field(description="The service's version.", examples=["0.1.0"])
    model: str | None = Field(
        description="Which model writes lists; null if there is none.",
        examples=["SmolLM2-135M-Instruct-int4"],
    )
    sidecar: str | None = Field(
        description="Which small model thinks beside it; null if there is none.",
        examples=["phi-3-mini"],
    )
    strategies: list[Strategy] = Field(
        description="By which strategies lists can be made here.",
        examples=[["auto", "generate", "rank", "retrieve"]],
    )
    variants: list[str] = Field(
        description="The service's variants, the one by default first.", examples=[["default"]]
    )
    default_k: int = Field(description="How long a list is if nothing is said.", examples=[10])
    max_k: int = Field(description="How long a list may be.", examples=[100])
    max_free_k: int | None = Field(
        description="How long a list may be that `/free` has the model write; null where there is "
        "no model for it, or no playground.",
        examples=[30],
    )
    deadline_ms: int = Field(
        description="Milliseconds that an answer may take if nothing is said.", examples=[20_000]
    )
    max_deadline_ms: int = Field(
        description="Milliseconds that an answer may take at most.", examples=[120_000]
    )
    similarity: bool = Field(
        description="Whether items are compared by their meaning.", examples=[True]
    )
    ranker: str | None = Field(
        description="Version of the trained ranker; null if there is none.",
        examples=["r3e5ea93466dd"],
    )
    playground: bool = Field(
        description="Whether the playground is served, and what it alone asks for.",
        examples=[True],
    )

    @classmethod
    def of(cls, service: Service, bounds: Bounds) -> AboutAnswer:
        """As the service is now."""
        parts, sidecar = service.recommender, service.answerer.sidecar
        return cls(
            version=version("listwright"),
            model=None if parts.engine is None else parts.engine.model,
            sidecar=None if sidecar is None else sidecar.model,
            strategies=_strategies(service),
            variants=[parts.variant.name, *parts.others],
            default_k=bounds.default_k,
            max_k=bounds.max_k,
            max_free_k=most_lines(bounds) if bounds.playground and parts.engine else None,
            deadline_ms=parts.policy.deadline_ms,
            max_deadline_ms=bounds.max_deadline_ms,
            similarity=any(one.name == SIMILARITY for one in parts.retrievers),
            ranker=parts.ranker(),
            playground=bounds.playground,
        )


def _strategies(service: Service) -> list[Strategy]:
    parts = service.recommender
    if parts.engine is None:
        return [Strategy.AUTO, Strategy.RETRIEVE]
    weighs = can_weigh(parts, parts.engine)
    return [one for one in Strategy if one is not Strategy.RANK or weighs]


class KnownUserAnswer(Answer):
    """A user whom the catalogue knows."""

    id: str = Field(description="The user's id.", examples=["U00042"])
    events: int = Field(
        description="How many events the catalogue has of them: what they met twice counts twice.",
        examples=[31],
    )


class UsersAnswer(Answer):
    """Some users whom the catalogue knows."""

    users: list[KnownUserAnswer] = Field(
        description="Always the same ones.", examples=[[{"id": "U00042", "events": 31}]]
    )

    @classmethod
    def of(cls, users: tuple[KnownUser, ...]) -> UsersAnswer:
        """As the API shows them."""
        return cls(users=[KnownUserAnswer(id=one.id, events=one.events) for one in users])
