"""How good each strategy's lists are on validation data, and at which weight of the prior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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


async def measured(
    parts: Recommender, asked: Sequence[Asked], users: int, seed: int, report: Report
) -> tuple[Measured, ...]:
    """Each strategy at its best weight, for requests without words and with."""
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
    gains = dict.fromkeys(trials, 0.0)
    stage = "lists with words" if words else "lists"
    for done, one in enumerate(some):
        report(stage, done, len(some))
        for trial in trials:
            # One user under all weights in turn: what the engine says of a slate serves for all.
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
