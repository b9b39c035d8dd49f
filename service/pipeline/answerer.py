"""What answering works with: parts behind Protocols, and the policy numbers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from service.domain import Variant
from service.errors import PromptTooLong
from service.pipeline.flights import Flights
from service.pipeline.pace import Pace
from service.ports import Cache, Encoder, Engine, Observer, Writer
from service.question import Cot

SHARES: Final = (1.0, 0.5, 0.25)
"""Of what a prompt may show at most: less is tried where the model's context cannot hold more."""

T = TypeVar("T")


async def fitting(ask: Callable[[float], Awaitable[T]]) -> T:
    """What comes of asking with as much as fits: with all of it, else with a smaller share."""
    for share in SHARES:
        with suppress(PromptTooLong):
            return await ask(share)
    raise PromptTooLong("the question does not fit into the model's context")


@dataclass(frozen=True, slots=True)
class AnswerPolicy:
    """Numbers an operator sets; a request may override some of them."""

    prior_weight: float = 1.0
    deadline_ms: int = 20_000
    similar: int = 3
    """How many similar options a prompt shows; three did best in the paper."""
    cot: Cot = Cot.OFF
    """Who thinks where a thought helps and the request leaves it to us."""
    thought_words: int = 60


@dataclass(frozen=True, slots=True)
class Answerer:
    """All that `answer` needs. No engine: similarity answers what has options."""

    engine: Engine | None
    sidecar: Writer | None
    encoder: Encoder | None
    cache: Cache
    observer: Observer
    policy: AnswerPolicy = AnswerPolicy()
    pace: Pace = field(default_factory=Pace)
    flights: Flights = field(default_factory=Flights)
    variant: Variant = field(default_factory=Variant)
    others: Mapping[str, Answerer] = field(default_factory=dict)
    """What serves requests that name another variant."""
