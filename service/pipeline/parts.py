"""What the pipeline works with: parts behind Protocols, and the policy numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.domain import Cot, Variant
from service.pipeline.pace import Pace
from service.pipeline.thinking import Thinker
from service.pipeline.titles import Naming
from service.pipeline.together import Together
from service.ports import (
    Cache,
    Catalogue,
    Engine,
    ExposureStore,
    HistoryStore,
    Observer,
    Retriever,
    Writer,
)
from service.tuning import PRIOR_WEIGHT, Tuning


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers an operator sets; a request may override some of them."""

    prior_weight: float = PRIOR_WEIGHT
    deadline_ms: int = 20_000
    candidates: int = 500
    wish_weight: float = 1.0
    """How much words count where the request does not say, as a multiple of what tuning found."""
    cot: Cot = Cot.OFF
    """Who thinks before a list is made where the request leaves it to us."""
    thought_words: int = 60
    ranked: int = 50
    """How many candidates the model weighs at most."""
    kept_seconds: float = 300.0
    """How long a list that a model made is told again to whoever asks the same."""


@dataclass(frozen=True, slots=True)
class Recommender:
    """All that `recommend` needs. No engine: every list is made by the ranker."""

    catalogue: Catalogue
    retrievers: tuple[Retriever, ...]
    engine: Engine | None
    store: HistoryStore
    observer: Observer
    policy: Policy = Policy()
    tuning: Callable[[], Tuning] = Tuning
    """What was measured. Asked anew for each request: it may change while the service runs."""
    pace: Pace = field(default_factory=Pace)
    """Of lists that the model generates."""
    rank_pace: Pace = field(default_factory=Pace)
    """Of lists that it ranks."""
    ranker: Callable[[], str | None] = lambda: None
    """Version of the trained one among the retrievers."""
    cache: Cache | None = None
    """Where lists are kept to be told again; None: each is made anew."""
    together: Together = field(default_factory=Together)
    """Those who ask the same at once."""
    naming: Naming = field(default_factory=Naming)
    """The catalogue's titles, for what is written freely."""
    sidecar: Writer | None = None
    """The small model that thinks before a list is made, where one is to."""
    thoughts: Cache | None = None
    """Where thoughts are kept; None: each is thought anew."""
    exposures: ExposureStore | None = None
    """Where lists are remembered, if feedback is taken."""
    variant: Variant = field(default_factory=Variant)
    others: Mapping[str, Recommender] = field(default_factory=dict)
    """What serves requests that name another variant."""

    @property
    def thinker(self) -> Thinker:
        """Who can think about a user."""
        return Thinker(self.engine, self.sidecar, self.thoughts, self.observer)
