"""What is told of how a list or an answer came about, and that nobody else is told or bears it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from quiz import CHOICE, WRITING, answerer
from toyshop import (
    DeadEngine,
    LoudRetriever,
    SpellingEngine,
    ToyRetriever,
    ToyStore,
    WeighingEngine,
    recommended,
    recommender,
)

from service.domain import Controls, Inside, Intent, Op, Origin, RecommendRequest, Share, Strategy
from service.pipeline.answer import answer
from service.pipeline.inside import SHOWN
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import RetrievalQuery
from service.question import AnswerRequest
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.store.cache import MemoryCache

HISTORY = ("i1", "i2", "i7")
STAGES = ["history", "plan", "candidates", "draft", "finish", "validate", "keep"]


def seen(parts: Recommender, **fields: object) -> Inside:
    told = recommended(parts, inside=True, history=HISTORY, k=5, **fields).inside
    assert told is not None
    return told


def test_nothing_is_told_unless_it_is_asked_for() -> None:
    assert recommended(recommender(), history=HISTORY, k=5).inside is None


def test_the_prompt_is_what_the_model_was_given() -> None:
    engine = SpellingEngine()
    told = seen(recommender(engine=engine), strategy=Strategy.GENERATE)
    assert [told.prompt] == engine.prompts


def test_of_weighing_it_is_the_slates() -> None:
    engine = WeighingEngine(lambda count: list(range(count)))
    told = seen(recommender(engine=engine), strategy=Strategy.RANK)
    assert [told.prompt] == [slate.prompt for slate in engine.slates]


def test_what_was_asked_in_vain_is_told_too() -> None:
    for strategy in (Strategy.GENERATE, Strategy.RANK):
        told = seen(recommender(engine=DeadEngine()), strategy=strategy)
        assert told.prompt is not None


def test_where_no_model_was_asked_there_is_no_prompt() -> None:
    assert seen(recommender(engine=None)).prompt is None
    engine = SpellingEngine()
    assert seen(recommender(engine=engine), strategy=Strategy.RETRIEVE).prompt is None
    assert not engine.prompts


def test_the_stages_follow_one_another() -> None:
    told = seen(recommender())
    assert [stage.name for stage in told.stages] == STAGES
    ends = [stage.began + stage.milliseconds for stage in told.stages]
    begins = [stage.began for stage in told.stages]
    # Each figure is rounded by itself.
    assert all(after >= end - 0.002 for end, after in zip(ends, begins[1:], strict=False))
    assert begins[0] >= 0


def test_those_considered_are_the_best_that_the_plan_allows() -> None:
    controls = Controls(include=("Mug", "Lamp"), exclude=("Red",))
    parts = recommender(engine=None)
    made = recommended(parts, inside=True, history=HISTORY, k=5, intent=Intent(controls=controls))
    told = made.inside
    assert told is not None
    found = [one.item for one in told.considered]
    assert 0 < len(found) <= SHOWN
    for item in found:
        assert {"Mug", "Lamp"} & set(item.categories)
        assert "Red" not in item.categories
        assert item.id not in HISTORY
    scores = [one.score for one in told.considered]
    assert scores == sorted(scores, reverse=True)
    # Without a share control the ranker takes them as they come.
    assert [line.item.id for line in made.items] == [item.id for item in found[:5]]
    assert [line.score for line in made.items] == scores[:5]


def test_a_class_that_must_not_come_is_not_considered() -> None:
    shares = (Share("Mug", Op.AT_MOST, 0.0),)
    told = seen(recommender(engine=None), intent=Intent(controls=Controls(shares=shares)))
    assert told.considered
    assert all("Mug" not in one.item.categories for one in told.considered)


def test_each_retriever_is_told_with_what_it_says() -> None:
    retrievers = (ToyRetriever(), LoudRetriever(3), ToyRetriever("mute", error=ValueError("no")))
    parts = recommender(engine=None, retrievers=retrievers)
    rows = {item.id: row for row, item in enumerate(parts.catalogue.items)}
    last = rows[HISTORY[-1]]
    for one in seen(parts, intent=Intent(query="drum")).considered:
        row = rows[one.item.id]
        assert one.by["similarity"] == -abs(row - last)
        assert one.by["search"] == -abs(row - 3)
        said = float(parts.catalogue.popularity[row]) + np.log(parts.catalogue.size)
        assert one.by["popularity"] == pytest.approx(said, abs=1e-4)
        assert one.by.keys() == {"similarity", "search", "popularity"}


class Silent(ToyRetriever):
    """Knows nothing of any row but the last one met."""

    def opinion(self, query: RetrievalQuery) -> SilentOpinion:
        return SilentOpinion(int(query.history[-1]))


class SilentOpinion:
    def __init__(self, last: int) -> None:
        self.last = last

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        return np.flatnonzero(allowed)[:limit]

    def of(self, rows: IntArray) -> FloatArray:
        return np.where(rows % 2 == 0, 1.0, np.nan)


def test_who_says_nothing_of_an_item_is_left_out_there() -> None:
    parts = recommender(engine=None, retrievers=(Silent(),))
    rows = {item.id: row for row, item in enumerate(parts.catalogue.items)}
    told = seen(parts).considered
    spoken = {one.item.id: "similarity" in one.by for one in told}
    assert spoken == {name: rows[name] % 2 == 0 for name in spoken}


async def test_it_is_made_for_itself() -> None:
    engine = SpellingEngine()
    store = ToyStore({"ann": HISTORY})
    parts = replace(recommender(engine=engine, store=store), cache=MemoryCache())
    plain = RecommendRequest(k=3, user_id="ann", strategy=Strategy.GENERATE)
    first = await recommend(parts, plain, "r1")
    assert (await recommend(parts, plain, "r2")).origin is Origin.KEPT
    curious = replace(plain, inside=True)
    alone = await recommend(parts, curious, "r3")
    assert [line.item.id for line in alone.items] == [line.item.id for line in first.items]
    # Neither told again, nor kept, nor shared with those who ask the same at the same time.
    made = await asyncio.gather(*(recommend(parts, curious, f"r{n}") for n in range(3)))
    assert [one.origin for one in made] == [Origin.MADE] * 3
    assert len(engine.prompts) == 5
    assert all(one.inside is not None for one in made)
    assert (await recommend(parts, plain, "r9")).origin is Origin.KEPT
    bare = replace(parts, cache=MemoryCache())
    await recommend(bare, curious, "r1")
    assert (await recommend(bare, plain, "r2")).origin is Origin.MADE


@pytest.mark.parametrize("question", [CHOICE, WRITING])
async def test_an_answer_tells_what_the_model_was_given(question: str) -> None:
    engine = SpellingEngine()
    parts = replace(answerer(), engine=engine)
    made = await answer(parts, AnswerRequest(question, inside=True), "r1")
    assert made.inside is not None
    asked = engine.prompts + [page.prompt for page in engine.pages]
    assert [made.inside.prompt] == asked
    names = [stage.name for stage in made.inside.stages]
    assert names == ["read", "supplements", "answer", "validate"]
    assert (await answer(parts, AnswerRequest(question), "r2")).inside is None


async def test_an_answer_by_similarity_has_no_prompt() -> None:
    parts = replace(answerer(), engine=None)
    made = await answer(parts, AnswerRequest(CHOICE, inside=True), "r1")
    assert made.inside is not None
    assert made.inside.prompt is None
