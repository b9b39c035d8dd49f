"""How good each strategy's lists are on validation data, and at which weight of the prior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final, Protocol, cast

import numpy as np

from models.tune.asked import Asked
from models.tune.blends import Report
from service.domain import Controls, Path, Prompt, RecommendRequest, Strategy
from service.errors import BadInput
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.weighing import can_weigh
from service.ports import Engine, Slate, Weighed
from service.steering.arrays import FloatArray
from service.tuning import CLEAR, Measured

WEIGHTS: Final = (1.0, 3.0, 10.0, 30.0)
"""Of the prior against the model; as they grow a list comes to be the retrievers' own."""

FEWEST: Final = 30
"""Users below whom nothing is measured: the best of several trials on fewer would be luck."""

KINDS: Final = tuple(product((True, False), (False, True)))
"""Whether there is a history, and whether there are words: each is measured by itself."""

K: Final = 10
PATIENCE_MS: Final = 120_000
"""Quality is measured here, not speed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A way to make lists."""

    strategy: Strategy
    weight: float

    @property
    def roads(self) -> frozenset[Path]:
        """By which a list must have come to count for this trial."""
        alone = self.strategy is Strategy.RETRIEVE
        return frozenset({Path.RANKED, Path.POPULAR} if alone else {Path.LLM})


class Known(Protocol):
    """Where gains are looked for, and left: a tuning that was ended goes on from there."""

    def get(self, asked: str) -> float | None:
        """What the list of a request was worth; None if that is not known."""
        ...

    def add(self, asked: str, gain: float) -> None:
        """Keep it."""
        ...


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


def refuse_few(users: int, option: str) -> None:
    """BadInput if nothing could be measured by the lists of so many; 0 is to measure nothing."""
    if 0 < users < FEWEST:
        raise BadInput(
            f"Lists for {users} users tell nothing: it takes {FEWEST}.",
            hint=f"Name {FEWEST} or more with {option}, or 0 to leave lists out.",
        )


async def measured(  # noqa: PLR0913, PLR0917 - what is asked, of how many, and who is told of it
    parts: Recommender,
    asked: Sequence[Asked],
    users: int,
    seed: int,
    report: Report,
    known: Known | None = None,
) -> tuple[Measured, ...]:
    """Each strategy at the weight that suits it, for users with and without history and words.

    Of requests without controls, one for each of so many users: what the model makes of a wish is
    not what it makes of one category's items, and two requests of one user are not two users.
    What is known of a list is not made again; it must be of these parts.
    """
    if parts.engine is None:
        return ()
    model = parts.engine.model
    parts = replace(parts, engine=cast("Engine", Remembering(parts.engine)))
    found: list[Measured] = []
    for kind in KINDS:
        some = _drawn(asked, kind, users, seed)
        if len(some) >= FEWEST:
            found += await _measured(parts, model, some, report, known)
    return tuple(found)


def _drawn(asked: Sequence[Asked], kind: tuple[bool, bool], users: int, seed: int) -> list[Asked]:
    """Requests of a kind, one a user; whole histories, where there are some."""
    fit = [
        one
        for one in asked
        if (one.situation.known, bool(one.words)) == kind
        and one.intent.controls == Controls()
        and not (one.shortened and one.situation.known)
    ]
    order = np.random.default_rng(seed).permutation(len(fit))
    by_user = {fit[at].case.user: fit[at] for at in order}
    return list(by_user.values())[:users]


async def _measured(
    parts: Recommender, model: str, some: Sequence[Asked], report: Report, known: Known | None
) -> list[Measured]:
    trials = list(_trials(parts))
    gains: dict[Trial, list[float]] = {trial: [] for trial in (ALONE, *trials)}
    situation = some[0].situation
    stage = f"lists, {'some' if situation.known else 'no'} history, words: {situation.words}"
    for done, one in enumerate(some):
        report(stage, done, len(some))
        for trial, gained in gains.items():
            # One user under all weights in turn: what the engine says of a slate serves for all.
            gained.append(await _gain(parts, one, trial, known))
    report(stage, len(some), len(some))
    arrays = {trial: np.array(gained) for trial, gained in gains.items()}
    return [
        Measured(
            model=model,
            strategy=trial.strategy,
            history=situation.known,
            words=bool(some[0].words),
            prior_weight=trial.weight,
            ndcg=float(arrays[trial].mean()),
            requests=len(some),
            above=float((arrays[trial] - arrays[ALONE]).mean()),
            error=_error(arrays[trial] - arrays[ALONE]),
        )
        for trial in _best({trial: arrays[trial] for trial in trials})
    ]


def _best(gains: Mapping[Trial, FloatArray]) -> Iterator[Trial]:
    """Of each strategy the heaviest weight that is not clearly worse than its best one.

    The best of several on a few users is mostly luck. The prior is what is known to be good, so the
    model gets more weight only where it is better by more than two standard errors.
    """
    for strategy in dict.fromkeys(trial.strategy for trial in gains):
        trials = sorted(
            (trial for trial in gains if trial.strategy is strategy), key=lambda one: -one.weight
        )
        best = max(trials, key=lambda trial: gains[trial].mean())
        yield next(trial for trial in trials if not _clearly(gains[best] - gains[trial]))


def _clearly(ahead: FloatArray) -> bool:
    return bool(ahead.mean() > CLEAR * _error(ahead))


def _error(ahead: FloatArray) -> float:
    """The standard error of a mean difference."""
    return float(ahead.std(ddof=1) / np.sqrt(len(ahead)))


def _trials(parts: Recommender) -> Iterator[Trial]:
    engine = parts.engine
    if engine is None:
        return
    if can_weigh(parts, engine):
        yield from (Trial(Strategy.RANK, weight) for weight in WEIGHTS)
    # One that names candidates by number writes the same list whatever the prior weighs.
    weights = WEIGHTS if not engine.labels else WEIGHTS[:1]
    yield from (Trial(Strategy.GENERATE, weight) for weight in weights)


async def _gain(parts: Recommender, one: Asked, trial: Trial, known: Known | None) -> float:
    """NDCG of one list, made now unless that is known."""
    catalogue = parts.catalogue
    request = RecommendRequest(
        k=min(K, catalogue.size - len(one.case.history)),
        history=tuple(catalogue.item(row).id for row in one.case.history.tolist()),
        intent=one.intent,
        strategy=trial.strategy,
        prior_weight=trial.weight,
        deadline_ms=PATIENCE_MS,
    )
    target = catalogue.item(one.case.target).id
    asked = repr((request, target))
    gain = None if known is None else known.get(asked)
    if gain is None:
        gain = await _made(parts, request, target, trial)
        if known is not None:
            known.add(asked, gain)
    return gain


async def _made(parts: Recommender, request: RecommendRequest, target: str, trial: Trial) -> float:
    """NDCG of one list; BadInput if it was made by another road than the one that is measured."""
    made = await recommend(parts, request, "tune")
    if made.receipt.path not in trial.roads:
        raise BadInput(
            f"a list was to be made by {trial.strategy}, but {made.receipt.why}",
            hint="Nothing can be measured of an engine that gives no lists; --engine none leaves"
            " it out.",
        )
    ids = [line.item.id for line in made.items]
    return 1 / math.log2(ids.index(target) + 2) if target in ids else 0.0
