"""The rows: by which road lists are made. All but free decoding run the pipeline that serves.

A row has a `Recommender` and a way to word the request. Where a list came by another road than its
row is named for, or was degraded on the way, that is a failure of the row: it is counted, and such
a list is no hit. Only `auto` leaves the road to the service, and tells which it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from models.evaluate.recommend.free import READING, allowing, written
from models.evaluate.recommend.ground import PATIENCE_MS
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.tasks import Posed, Task
from service.domain import Intent, Recommendation, RecommendRequest, Strategy
from service.errors import BadInput
from service.pipeline.amiss import Forbidden
from service.pipeline.blend import POPULARITY
from service.pipeline.listing import lines_of
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.titles import Titles
from service.pipeline.weighing import can_weigh
from service.ports import Catalogue, Engine
from service.prompts.list_thought import VERSION as THOUGHT_VERSION
from service.prompts.rank import VERSION as RANK_VERSION
from service.prompts.recommend import VERSION as PROMPT_VERSION
from service.tuning import LENGTHS, Blend, Situation, Tuning, Wording


class RowName(StrEnum):
    """The rows, by their names on the command line."""

    POPULARITY = "popularity"
    SASREC = "sasrec"
    FILTERED = "sasrec-filtered"
    RETRIEVE = "retrieve"
    FREE = "free"
    CONSTRAINED = "constrained"
    PRIOR = "prior"
    RANK = "rank"
    AUTO = "auto"

    @property
    def by_model(self) -> bool:
        """Whether a language model has a say."""
        return self in _BY_MODEL

    @property
    def by_sasrec(self) -> bool:
        """Whether SASRec alone makes its lists."""
        return self in {RowName.SASREC, RowName.FILTERED}


_BY_MODEL: Final = frozenset(
    {RowName.FREE, RowName.CONSTRAINED, RowName.PRIOR, RowName.RANK, RowName.AUTO}
)

WORDS: Final = {
    RowName.POPULARITY: "popularity",
    RowName.SASREC: "SASRec",
    RowName.FILTERED: "SASRec filtered",
    RowName.RETRIEVE: "retrieve, as served",
    RowName.FREE: "LLM free",
    RowName.CONSTRAINED: "LLM constrained, weight 0",
    RowName.PRIOR: "LLM with prior",
    RowName.RANK: "rank",
    RowName.AUTO: "auto, as served by default",
}

HARDLY: Final = 1e-6
"""A weight that decides nothing but ties."""

UNKNOWN: Final = -1e3

Maker: TypeAlias = Callable[[Posed], Awaitable[Listed]]
"""Makes one list. It may raise: that is recorded as a failure of this one list."""


@dataclass(frozen=True, slots=True)
class Row:
    """A road, by the name it has in the tables."""

    name: str
    make: Maker
    stamp: str
    """What the road is made of: lists of another are not reused."""
    tasks: frozenset[Task] = frozenset(Task)
    """What it is asked for."""
    weight: float | None = None
    """What the prior weighs in this row, if that is what it is about."""


def baseline(task: Task) -> str:
    """The row that others are compared with: SASRec, made to obey where there is a control.

    Of users of whom it knows nothing SASRec says nothing, so it is popularity.
    """
    if task is Task.NEWCOMER:
        return WORDS[RowName.POPULARITY]
    return WORDS[RowName.FILTERED if task.controlled else RowName.SASREC]


@dataclass(frozen=True, slots=True)
class Roads:
    """Ways to make lists with the same parts."""

    parts: Recommender
    tuning: Tuning
    made_of: str
    """Catalogue, ranker, encoder: part of every stamp."""
    untrained: str | None = None
    """Why no SASRec makes lists, where none does."""

    def lacking(self, name: RowName) -> str | None:
        """What a row needs that is not there."""
        if name.by_model and self.parts.engine is None:
            return "a language model, and there is no engine"
        engine = self.parts.engine
        if name is RowName.RANK and engine and not can_weigh(self.parts, engine):
            return "an engine that can weigh candidates, and this one cannot"
        if name.by_sasrec and all(one.name != "sasrec" for one in self.parts.retrievers):
            return f"a trained SASRec, but {self.untrained or 'there is none'}"
        return None

    def row(self, name: RowName) -> Row:
        """A row by its name; BadInput if something that it needs is not there."""
        if lacking := self.lacking(name):
            hint = "Leave the row out, or let what it needs be had."
            raise BadInput(f"The row {name.value!r} needs {lacking}.", hint=hint)
        return self._makers[name]()

    @property
    def _makers(self) -> Mapping[RowName, Callable[[], Row]]:
        return {
            RowName.POPULARITY: lambda: self._retrieved(RowName.POPULARITY, alone(POPULARITY)),
            RowName.SASREC: self._ignoring,
            RowName.FILTERED: self._filtered,
            RowName.RETRIEVE: lambda: self._retrieved(RowName.RETRIEVE, self.tuning),
            RowName.FREE: self._freely,
            RowName.CONSTRAINED: lambda: self._by_model(RowName.CONSTRAINED, weight=0.0),
            RowName.PRIOR: lambda: self._by_model(RowName.PRIOR),
            RowName.RANK: lambda: self._by_model(RowName.RANK, Strategy.RANK),
            RowName.AUTO: lambda: self._by_model(RowName.AUTO, Strategy.AUTO),
        }

    def weighed(self, weight: float) -> Row:
        """The model and the prior, at a weight that is not the tuned one: for the plot."""
        row = self._by_model(RowName.PRIOR, weight=weight)
        tasks = frozenset({Task.SEQUENTIAL})
        return replace(row, name=f"LLM, weight {weight:g}", tasks=tasks, weight=weight)

    def _ignoring(self) -> Row:
        """SASRec that hears of no control; not of those of whom it knows nothing."""
        known = frozenset(Task) - {Task.NEWCOMER}
        row = self._retrieved(RowName.SASREC, alone("sasrec"), controlled=False)
        return replace(row, tasks=known)

    def _filtered(self) -> Row:
        """SASRec under the plan; where nothing is controlled it is the same as SASRec."""
        controlled = frozenset(task for task in Task if task.controlled)
        return replace(self._retrieved(RowName.FILTERED, alone("sasrec")), tasks=controlled)

    def _retrieved(self, name: RowName, tuning: Tuning, *, controlled: bool = True) -> Row:
        parts = replace(self.parts, engine=None, tuning=lambda: tuning)
        road = Road(parts, Strategy.RETRIEVE, None, controlled)
        return Row(WORDS[name], road.make, self._stamp(f"{road.how} {tuning.blends}", model=False))

    def _by_model(
        self, name: RowName, strategy: Strategy = Strategy.GENERATE, weight: float | None = None
    ) -> Row:
        road = Road(replace(self.parts, tuning=lambda: self.tuning), strategy, weight)
        known = self._known(strategy) if weight is None else ""
        how = f"{road.how} {self.tuning.blends} {known}"
        return Row(WORDS[name], road.make, self._stamp(how))

    def _known(self, strategy: Strategy) -> str:
        """What was measured of this model, as far as it has a say in such lists."""
        model = self.parts.engine.model if self.parts.engine else ""
        measured = [one for one in self.tuning.measured if one.model == model]
        if strategy is Strategy.AUTO:
            return str(measured)
        weights = [
            (one.history, one.words, one.prior_weight)
            for one in measured
            if one.strategy is strategy
        ]
        return str(sorted(weights))

    def _freely(self) -> Row:
        engine = self.parts.engine
        assert engine is not None  # noqa: S101 - `row` has seen to it
        titles = Titles.of(self.parts.catalogue)

        async def make(posed: Posed) -> Listed:
            return await _free(self.parts.catalogue, engine, titles, posed.request)

        return Row(WORDS[RowName.FREE], make, self._stamp(f"free {READING}"))

    def _stamp(self, how: str, *, model: bool = True) -> str:
        engine = self.parts.engine
        versions = f"{PROMPT_VERSION} {RANK_VERSION} {THOUGHT_VERSION}"
        by = f"{engine.model} {versions}" if model and engine else ""
        told = f"{self.made_of} {by} {self.parts.policy} {how}"
        return hashlib.sha256(told.encode()).hexdigest()[:24]


def alone(name: str) -> Tuning:
    """One part of the prior alone, whatever is known of a request.

    What it knows nothing of comes last, and where it says nothing at all, popularity does.
    """
    blend = Blend({POPULARITY: HARDLY} | {name: 1.0}, unknown={name: UNKNOWN})
    return Tuning({Situation(length, words): blend for _, length in LENGTHS for words in Wording})


@dataclass(frozen=True, slots=True)
class Road:
    """The pipeline, asked for a list in one way."""

    parts: Recommender
    strategy: Strategy
    weight: float | None = None
    controlled: bool = True
    """Whether it is told of controls."""

    @property
    def how(self) -> str:
        """What sets it apart, in a stamp."""
        return f"{self.strategy} {self.weight} {self.controlled}"

    async def make(self, posed: Posed) -> Listed:
        """The list, if it is by the strategy that was asked for, or any was right."""
        made = await recommend(self.parts, self._request(posed), "evaluate")
        why = _otherwise(made, self.strategy)
        if why is not None:
            return Listed(failure=why)
        receipt = made.receipt
        return Listed(
            tuple(line.item.id for line in made.items),
            seconds=made.timings["total"] / 1e3,
            weight=None if receipt.strategy is Strategy.RETRIEVE else receipt.prior_weight,
            chosen=str(receipt.strategy) if self.strategy is Strategy.AUTO else None,
        )

    def _request(self, posed: Posed) -> RecommendRequest:
        ignored = posed.task.controlled and not self.controlled
        intent = Intent() if ignored else posed.request.intent
        return replace(
            posed.request, strategy=self.strategy, prior_weight=self.weight, intent=intent
        )


def _otherwise(made: Recommendation, strategy: Strategy) -> str | None:
    """What is amiss if the list was not made as asked; one whose thought failed still was."""
    receipt = made.receipt
    thoughtless = any(each.failed for each in made.supplements)
    if (receipt.degraded and not thoughtless) or strategy not in {Strategy.AUTO, receipt.strategy}:
        return f"made by {receipt.strategy.value!r}: {receipt.why}"
    return None


async def _free(
    catalogue: Catalogue, engine: Engine, titles: Titles, request: RecommendRequest
) -> Listed:
    """What the model wrote, cut short or not: it is held to nothing."""
    made = await written(catalogue, engine, request, PATIENCE_MS / 1e3)
    forbidden = Forbidden(allowing(catalogue, request))
    rows = titles.named(lines_of(made.text, request.k), last=forbidden)
    return Listed(tuple(None if row is None else catalogue.item(row).id for row in rows))
