"""What the pipeline works with: parts behind Protocols, and the policy numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.pipeline.pace import Pace
from service.ports import Catalogue, Engine, HistoryStore, Observer, Retriever


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers an operator sets; a request may override some of them."""

    prior_weight: float = 4.0
    deadline_ms: int = 20_000
    candidates: int = 500


@dataclass(frozen=True, slots=True)
class Recommender:
    """All that `recommend` needs. No engine: every list is made by the ranker."""

    catalogue: Catalogue
    retrievers: tuple[Retriever, ...]
    engine: Engine | None
    store: HistoryStore
    observer: Observer
    policy: Policy = Policy()
    pace: Pace = field(default_factory=Pace)
