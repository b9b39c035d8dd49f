"""How good each strategy's lists are on validation data, and at which weight of the prior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np

from models.tune.asked import Asked
from models.tune.blends import Report
from models.tune.voices import allowed_rows
from service.domain import Path, Prompt, RecommendRequest, Strategy
from service.errors import BadInput
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.weighing import can_weigh
from service.ports import Engine, Slate, Weighed
from service.steering.arrays import FloatArray
from service.tuning import RETRIEVERS_ALONE, Measured

WEIGHTS: Final = (1.0, 3.0, 10.0, 30.0)
"""Of the prior against the model; as they grow a list comes to be the retrievers' own."""

K: Final = 10
PATIENCE_MS: Final = 120_000
"""Quality is measured here, not speed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A way to make lists."""

    strategy: Strategy
    weight: float

    @property
    def road(self) -> Path:
        """By which a list must have come to count for this trial."""
        return Path.RANKED if self.strategy is Strategy.RETRIEVE else Path.LLM


class Remembering:
    """An engine that weighs the last slate it was asked about only once; else as it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last: tuple[tuple[Prompt, tuple[str, ...]], Weighed] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def weigh(self, slate: Slate) -> Weighed:
        """What it said of this slate, or says now."""
        asked = (slate.prompt, slate.marks)
        if self._last is None or self._last[0] != asked:
            self._last = (asked, await self._engine.weigh(slate))
        return self._last[1]


ALONE: Final = Trial(Strategy.RETRIEVE, 1.0)


async def measured(
    parts: Recommender, asked: Sequence[Asked], users: int, seed: int, report: Report
) -> tuple[Measured, ...]:
    """Each strategy at the weight that suits it, for requests without words and with."""
    if parts.engine is not None:
        parts = replace(parts, engine=cast("Engine", Remembering(parts.engine)))
    dice = np.random.default_rng(seed)
    found: list[Measured] = []
    for words in (False, True):
        fit = [one for one in asked if bool(one.words) == words and len(one.case.history)]
        drawn = dice.choice(len(fit), min(users, len(fit)), replace=False)
        some = [fit[at] for at in np.sort(drawn)]
        if some:
            found += await _measured(parts, some, words=words, report=report)
    return tuple(found)


async def _measured(
    parts: Recommender, some: Sequence[Asked], *, words: bool, report: Report
) -> list[Measured]:
    trials = list(_trials(parts))
    gains: dict[Trial, list[float]] = {trial: [] for trial in trials}
    stage = "lists with words" if words else "lists"
    for done, one in enumerate(some):
        report(stage, done, len(some))
        for trial in trials:
            # One user under all weights in turn: what the engine says of a slate serves for all.
            gains[trial].append(await _gain(parts, one, trial))
    report(stage, len(some), len(some))
    return [
        Measured(
            model=_model(parts, trial),
            strategy=trial.strategy,
            words=words,
            prior_weight=trial.weight,
            ndcg=float(np.mean(gains[trial])),
            users=len(some),
            error=_error(np.array(gains[trial]) - np.array(gains[ALONE])),
        )
        for trial in _best({trial: np.array(gained) for trial, gained in gains.items()})
    ]


def _best(gains: Mapping[Trial, FloatArray]) -> Iterator[Trial]:
    """Of each strategy the heaviest weight that is not clearly worse than its best one.

    The best of several on a few users is mostly luck. The prior is what is known to be good, so the
    model gets more weight only where it is better by more than one standard error.
    """
    for strategy in dict.fromkeys(trial.strategy for trial in gains):
        trials = sorted(
            (trial for trial in gains if trial.strategy is strategy), key=lambda one: -one.weight
        )
        best = max(trials, key=lambda trial: gains[trial].mean())
        yield next(trial for trial in trials if not _clearly(gains[best] - gains[trial]))


def _clearly(ahead: FloatArray) -> bool:
    """Whether a difference on the same users is more than its standard error."""
    return bool(ahead.mean() > _error(ahead))


def _error(ahead: FloatArray) -> float:
    return float(ahead.std() / np.sqrt(len(ahead)))


def _trials(parts: Recommender) -> Iterator[Trial]:
    yield ALONE
    if parts.engine is None:
        return
    for strategy in (Strategy.RANK, Strategy.GENERATE):
        if strategy is Strategy.RANK and not can_weigh(parts, parts.engine):
            continue
        yield from (Trial(strategy, weight) for weight in WEIGHTS)


async def _gain(parts: Recommender, one: Asked, trial: Trial) -> float:
    """NDCG of one list; BadInput if it was made by another road than the one that is measured."""
    catalogue = parts.catalogue
    request = RecommendRequest(
        k=min(K, _room(parts, one)),
        history=tuple(catalogue.item(row).id for row in one.case.history.tolist()),
        intent=one.intent,
        strategy=trial.strategy,
        prior_weight=trial.weight,
        deadline_ms=PATIENCE_MS,
    )
    made = await recommend(parts, request, "tune")
    if made.receipt.path is not trial.road:
        raise BadInput(
            f"a list was to be made by {trial.strategy}, but {made.receipt.why}",
            hint="Nothing can be measured of an engine that gives no lists; --engine none leaves"
            " it out.",
        )
    ids = [line.item.id for line in made.items]
    target = catalogue.item(one.case.target).id
    return 1 / math.log2(ids.index(target) + 2) if target in ids else 0.0


def _room(parts: Recommender, one: Asked) -> int:
    """How many items the longest list would have."""
    return int(allowed_rows(parts.catalogue.size, parts.catalogue.postings, one).sum())


def _model(parts: Recommender, trial: Trial) -> str:
    if trial.strategy is Strategy.RETRIEVE or parts.engine is None:
        return RETRIEVERS_ALONE
    return parts.engine.model
