"""How good each strategy's lists are on validation data, and at which weight of the prior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.tune.asked import Asked
from models.tune.blends import Report
from service.domain import Path, RecommendRequest, Strategy
from service.errors import BadInput
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.weighing import can_weigh
from service.tuning import RETRIEVERS_ALONE, Measured

WEIGHTS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
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


async def measured(
    parts: Recommender, asked: Sequence[Asked], users: int, seed: int, report: Report
) -> tuple[Measured, ...]:
    """Each strategy at its best weight, for requests without words and with."""
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
    gains = dict.fromkeys(trials, 0.0)
    stage = "lists with words" if words else "lists"
    for done, one in enumerate(some):
        report(stage, done, len(some))
        for trial in trials:
            # One user under all weights in turn: an engine that keeps prompts reads each once.
            gains[trial] += await _gain(parts, one, trial)
    report(stage, len(some), len(some))
    best: dict[Strategy, Trial] = {}
    for trial in trials:
        so_far = best.get(trial.strategy)
        # Of equal ones the heavier prior: it is the safer one.
        if so_far is None or gains[trial] >= gains[so_far]:
            best[trial.strategy] = trial
    return [
        Measured(
            model=_model(parts, trial),
            strategy=trial.strategy,
            words=words,
            prior_weight=trial.weight,
            ndcg=gains[trial] / len(some),
            users=len(some),
        )
        for trial in best.values()
    ]


def _trials(parts: Recommender) -> Iterator[Trial]:
    yield Trial(Strategy.RETRIEVE, 1.0)
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
        k=min(K, catalogue.size - len(one.case.history)),
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


def _model(parts: Recommender, trial: Trial) -> str:
    if trial.strategy is Strategy.RETRIEVE or parts.engine is None:
        return RETRIEVERS_ALONE
    return parts.engine.model
