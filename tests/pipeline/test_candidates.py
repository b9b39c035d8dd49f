"""Who is heard, how what was said is weighed, and what the receipt says of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from toyshop import (
    LoudRetriever,
    ToyOpinion,
    ToyRetriever,
    ids,
    noted,
    recommended,
    recommender,
    toy_items,
)

from models.data.split import Case
from models.tune.asked import Asked
from models.tune.tune import ground_of
from models.tune.voices import voices_of
from service.domain import Controls, Intent, OnConflict, Recommendation, RecommendRequest
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.parts import Recommender
from service.pipeline.recall import recall
from service.pipeline.recommend import recommend
from service.ports import FEW, RetrievalQuery
from service.steering.arrays import FloatArray, IntArray
from service.tuning import Blend, Situation, Tuning, Wording

HISTORY = ("i1", "i7", "i9", "i20")
FITTED = Tuning({Situation("4-10"): Blend({"sasrec": 1.0})})


def tuned(tuning: Tuning, *retrievers: Any, count: int = 40) -> Recommender:
    parts = recommender(items=toy_items(count), retrievers=retrievers)
    return replace(parts, tuning=lambda: tuning)


def ask(parts: Recommender, **fields: Any) -> Recommendation:
    return recommended(parts, **{"history": HISTORY, **fields})


def rows(parts: Recommender, answer: Recommendation) -> list[int]:
    found: list[int] = parts.catalogue.rows(ids(answer)).tolist()
    return found


def popular(parts: Recommender) -> list[int]:
    met = set(parts.catalogue.rows(HISTORY).tolist())
    return [row for row in parts.catalogue.popular_rows.tolist() if row not in met][:5]


@dataclass(frozen=True)
class Silent(ToyOpinion):
    """Knows nothing of any row."""

    def best(self, _allowed: object, _limit: int) -> IntArray:
        return np.zeros(0, dtype=np.int64)

    def of(self, rows: IntArray) -> FloatArray:
        return np.full(len(rows), np.nan)


class Mute(ToyRetriever):
    def opinion(self, _query: RetrievalQuery) -> Silent:
        return Silent(0)


@dataclass(frozen=True)
class Trained(ToyOpinion):
    """Was learnt."""

    version: str | None = "r0123456789ab"


@dataclass(frozen=True)
class Torn(Trained):
    """Fails at the second question."""

    def of(self, _rows: IntArray) -> FloatArray:
        raise RuntimeError("gone")


@dataclass
class Learner:
    kind: type[Trained] = Trained
    name: str = "sasrec"

    def knows(self, query: RetrievalQuery) -> bool:
        return len(query.history) > 0

    def opinion(self, query: RetrievalQuery) -> Trained:
        return self.kind(int(query.history[-1]))


@dataclass
class Slow(ToyRetriever):
    """Says nothing until it is let."""

    let: Event = field(default_factory=Event)
    name: str = "similarity"

    def opinion(self, query: RetrievalQuery) -> ToyOpinion:
        self.let.wait(60)
        return ToyOpinion(int(query.history[-1]))


@pytest.mark.parametrize(
    "sasrec", [ToyRetriever("sasrec", error=RuntimeError("broken")), Mute("sasrec"), Learner(Torn)]
)
def test_without_sasrec_what_was_fitted_with_it_is_not_used(sasrec: Any) -> None:
    parts = tuned(FITTED, sasrec)
    assert rows(parts, ask(parts)) == popular(parts)


def test_where_sasrec_fails_those_are_asked_whom_its_blend_passes_over() -> None:
    broken = ToyRetriever("sasrec", error=RuntimeError("broken"))
    parts = tuned(FITTED, broken, ToyRetriever())
    receipt = ask(parts).receipt
    assert receipt.retrievers == ("popularity", "similarity")
    assert "sasrec was left out" in receipt.why
    assert ask(tuned(FITTED, Learner(), ToyRetriever())).receipt.retrievers == (
        "popularity", "sasrec",
    )  # fmt: skip


def test_where_there_is_no_sasrec_the_others_are_asked() -> None:
    parts = tuned(FITTED, ToyRetriever())
    answer = ask(parts)
    assert answer.receipt.retrievers == ("popularity", "similarity")
    assert not answer.receipt.degraded
    assert rows(parts, answer) != popular(parts)


def test_where_nobody_speaks_whom_the_blend_counts_on_popularity_does() -> None:
    tuning = Tuning({Situation("4-10"): Blend({"similarity": 1.0})})
    parts = tuned(tuning, ToyRetriever(error=RuntimeError("broken")))
    assert rows(parts, ask(parts)) == popular(parts)


def test_who_names_a_category_is_weighed_so_though_the_name_counts_for_nothing() -> None:
    named = Situation.of(4, Intent(text="a tent"))
    blends = {
        named: Blend({"similarity": 1.0, "mentions": 0.0}),
        replace(named, words=Wording.UNNAMED): Blend({"search": 1.0}),
    }
    parts = tuned(Tuning(blends), *map(ToyRetriever, ("similarity", "search", "mentions")))
    likest = tuned(FITTED, Learner())
    answer = ask(parts, intent=Intent(text="a tent"))
    assert answer.receipt.retrievers == ("popularity", "similarity")
    assert rows(parts, answer) == rows(likest, ask(likest))


@pytest.mark.parametrize(("k", "within"), [(3, True), (10, False)])
def test_a_category_that_is_let_go_is_weighed_as_none(k: int, *, within: bool) -> None:
    # Four of the items are rare.
    blends = {
        Situation("4-10"): Blend({"popularity": 1.0}),
        Situation("4-10", Wording.INCLUDED): Blend({"similarity": 1.0}),
    }
    rare = Intent(controls=Controls(include=("Rare",)))
    answer = ask(
        tuned(Tuning(blends), ToyRetriever()), intent=rare, k=k, on_conflict=OnConflict.RELAX
    )
    assert bool(answer.receipt.relaxed) != within
    assert ("similarity" in answer.receipt.retrievers) == within


def test_what_stands_out_is_weighed_in_a_list_as_it_is_in_tuning() -> None:
    situation = Situation("4-10", Wording.UNNAMED)
    blend = Blend({"search": 0.0, "search standing out": 9.0})
    parts = tuned(Tuning({situation: blend}), LoudRetriever(17))
    answer = ask(parts, intent=Intent(text="warm"))
    assert rows(parts, answer)[0] == 17
    assert answer.receipt.retrievers == ("popularity", "search")

    asked = Asked(Case(0, np.array([1]), 3), Intent(text="warm"), situation, np.array([1]))
    voices = voices_of(ground_of(parts), asked)
    heard = voices.said["search standing out"]
    assert voices.rows[heard > 0].tolist() == [17]


@pytest.mark.parametrize(
    "blend",
    [Blend({"sasrec": 0.0, "sasrec of young": 1.0}), Blend({"sasrec": 0.0}, {"sasrec": 1.0})],
)
def test_whoever_counts_for_some_rows_is_asked(blend: Blend) -> None:
    parts = tuned(Tuning({Situation("4-10"): blend}), Learner())
    assert ask(parts).receipt.retrievers == ("popularity", "sasrec")


@pytest.mark.parametrize(
    ("count", "intent"), [(FEW + 1, Intent()), (40, Intent(text="something warm"))]
)
def test_a_retriever_that_is_late_is_left_out_and_named(count: int, intent: Intent) -> None:
    slow = Slow()
    parts = tuned(Tuning(), slow, count=count)

    async def story() -> Recommendation:
        request = RecommendRequest(k=5, history=HISTORY, intent=intent, deadline_ms=300)
        try:
            return await recommend(parts, request, "r")
        finally:
            slow.let.set()

    receipt = asyncio.run(story()).receipt
    assert receipt.retrievers == ("popularity",)
    assert receipt.degraded
    assert "similarity was left out" in receipt.why
    assert noted(parts).missed == ["similarity: TimeoutError"]


def test_the_receipt_names_the_version_of_the_ranker_that_spoke() -> None:
    assert ask(tuned(Tuning(), Learner(), ToyRetriever())).receipt.ranker == "r0123456789ab"
    assert ask(tuned(Tuning(), ToyRetriever())).receipt.ranker is None
    assert ask(tuned(Tuning(), Learner()), history=()).receipt.ranker is None
    assert ask(tuned(Tuning(), Learner(Torn))).receipt.ranker is None


def briefed(parts: Recommender, history: tuple[str, ...]) -> Brief:
    request = RecommendRequest(k=3, history=history)
    watch, deadline = Stopwatch(parts.observer), Deadline(60)

    async def prepared() -> Brief:
        history = await recall(parts.catalogue, parts.store, request, deadline)
        return await prepare(parts, request, history, watch, deadline)

    return asyncio.run(prepared())


def test_a_request_sees_one_tuning() -> None:
    tunings = iter([FITTED])
    parts = replace(recommender(retrievers=[Learner()]), tuning=lambda: next(tunings))
    assert briefed(parts, HISTORY).tuning is FITTED


def test_a_history_is_as_long_as_it_has_different_items() -> None:
    parts = recommender()
    assert briefed(parts, ("i1",) * 12).situation == Situation.of(1)
    assert briefed(parts, ("i1", "i2", "i1", "i3", "i4")).situation == Situation.of(4)
    assert briefed(parts, ()).situation == Situation.of(0)
