"""What answering works with: parts behind Protocols, and the policy numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain import Cot, Variant
from service.pipeline.flights import Flights
from service.pipeline.pace import Pace
from service.pipeline.thinking import Thinker
from service.ports import Cache, Encoder, Engine, Observer, Writer


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

    @property
    def thinker(self) -> Thinker:
        """Who can think about a question."""
        return Thinker(self.engine, self.sidecar, self.cache, self.observer)
