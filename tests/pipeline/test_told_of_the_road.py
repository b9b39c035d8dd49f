"""What the road tells of a list and of an answer, for others to count."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
from quiz import NoCache, Sage, answerer
from quiz import ask as answered
from toyshop import LyingEngine, Noted, SpellingEngine, ToyStore, noted, recommender

from service.domain import (
    ControlKind,
    Controls,
    Cot,
    Intent,
    OnConflict,
    Op,
    Origin,
    RecommendRequest,
    Share,
    Strategy,
)
from service.errors import EngineFailed
from service.pipeline.answerer import Answerer
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import Drafted, Engine, ListMade
from service.question import AnswerPath
from service.steering.speller import Speller
from service.store.cache import MemoryCache

NOT_RED = Intent(controls=Controls(exclude=("Red",)))


def shop(engine: Engine | None = None, **more: Any) -> Recommender:
    store = ToyStore({"ann": ("i1", "i2"), "bob": ("i3",)})
    parts = recommender(engine=engine or SpellingEngine(), store=store)
    return replace(parts, cache=MemoryCache(), **more)


def asks(**more: Any) -> RecommendRequest:
    said = {"k": 4, "user_id": "ann", "strategy": Strategy.GENERATE} | more
    return RecommendRequest(**said)


async def told(parts: Recommender, request: RecommendRequest) -> ListMade:
    await recommend(parts, request, "r")
    return noted(parts).made[-1]


def held(made: ListMade) -> list[tuple[str, bool]]:
    return [(control.kind.value, control.holds) for control in made.controls]


async def test_by_whom_it_was_made_and_of_which_deadline() -> None:
    made = await told(shop(), asks(deadline_ms=7_000))
    assert (made.model, made.prompt is not None, made.allowed) == ("random", True, 7.0)
    assert 0 < made.seconds < 7


async def test_without_a_model_there_is_none_to_tell() -> None:
    made = await told(shop(), asks(strategy=Strategy.RETRIEVE))
    assert (made.model, made.prompt, made.drafted) == (None, None, Drafted())


async def test_a_steered_draft_holds_what_was_asked() -> None:
    share = Share("Mug", Op.AT_LEAST, 0.5)
    made = await told(shop(), asks(intent=Intent(controls=Controls((), ("Red",), (share,)))))
    assert held(made) == [("exclude", True), ("share", True)]
    assert (made.drafted.lines, made.drafted.stood) == (4, 4)
    assert made.drafted.controls == made.controls


def reds(speller: Speller) -> list[int]:
    """Rows that may not stand, and one that may."""
    catalogue = recommender().catalogue
    red = [row for row in range(catalogue.size) if "Red" in catalogue.item(row).categories]
    other = next(row for row in range(catalogue.size) if row not in red)
    return [*red[:3], other]


async def test_a_draft_that_does_not_obey_is_told_apart_from_the_list() -> None:
    made = await told(shop(LyingEngine(reds)), asks(intent=NOT_RED))
    (control,) = made.drafted.controls
    assert (control.kind, control.holds, control.got) == (ControlKind.EXCLUDE, False, 3)
    assert (made.drafted.lines, made.drafted.stood, made.repaired) == (4, 1, 3)
    assert held(made) == [("exclude", True)]


async def test_what_was_let_go_is_told() -> None:
    rare = Share("Rare", Op.AT_LEAST, 1.0)
    made = await told(
        shop(), asks(k=20, intent=Intent(controls=Controls(shares=(rare,))),
                     on_conflict=OnConflict.RELAX)
    )  # fmt: skip
    assert [control.kind for control in made.relaxed] == [ControlKind.SHARE]
    assert made.controls == ()


async def test_a_kept_list_is_told_without_its_draft() -> None:
    parts = shop()
    first, again = await told(parts, asks(intent=NOT_RED)), await told(parts, asks(intent=NOT_RED))
    assert (first.origin, again.origin) == (Origin.MADE, Origin.KEPT)
    assert (again.drafted, again.violations, again.model) == (Drafted(), {}, "random")
    assert again.controls == first.controls
    assert len(noted(parts).decodings) == 1


async def test_those_who_share_a_list_are_each_told() -> None:
    parts = shop()
    await asyncio.gather(*(recommend(parts, asks(), f"r{n}") for n in range(3)))
    made = noted(parts).made
    assert sorted(each.origin.value for each in made) == ["made", "shared", "shared"]
    assert len(noted(parts).decodings) == 1
    assert sum(each.drafted.lines for each in made) == 4


async def test_the_cache_of_lists() -> None:
    parts = shop()
    await told(parts, asks())
    await told(parts, asks())
    store = cast("ToyStore", parts.store)
    later = replace(parts, store=ToyStore({**store.histories, "ann": ("i9",)}))
    await told(later, asks())
    cache = cast("MemoryCache", parts.cache)
    for key in [*cache._kept]:
        await cache.put(key, "{broken")
    await told(parts, asks())
    await told(replace(parts, cache=cast("MemoryCache", NoCache())), asks())
    found = [outcome for name, outcome in noted(parts).looked if name == "lists"]
    assert found == ["miss", "hit", "miss", "failed", "failed"]
    assert {name for name, _ in noted(parts).looked} == {"lists"}


def heard(parts: Answerer) -> Noted:
    return cast("Noted", parts.observer)


QUESTION = "Which keeps rain out?\n1. sun hat\n2. waterproof jacket\n3. warm scarf"


def test_an_answer_and_the_thought_before_it() -> None:
    parts = answerer(SpellingEngine(), sidecar=Sage())
    for _ in range(2):
        answered(parts, QUESTION, cot=Cot.SIDECAR, deadline_ms=6_000)
    made = heard(parts).answers[-1]
    assert (made.path, made.model, made.variant) == (AnswerPath.LLM, "random", "default")
    assert made.allowed == 6.0
    assert 0 < made.seconds < 6
    # A thought is thought once, and both answers are decoded.
    assert sorted(heard(parts).models) == ["random", "random", "sage-1"]
    looked = heard(parts).looked
    assert [outcome for name, outcome in looked if name == "thoughts"] == ["miss", "hit"]
    assert [outcome for name, outcome in looked if name == "resemblances"] == ["miss", "hit"]


def test_an_engine_is_left_out_only_where_something_else_answers() -> None:
    engine = SpellingEngine()
    engine.closed = True
    parts = answerer(engine)
    answered(parts, QUESTION)
    assert heard(parts).missed == ["engine: EngineFailed"]
    alone = answerer(engine, encoder=None)
    with pytest.raises(EngineFailed):
        answered(alone, QUESTION)
    assert heard(alone).missed == []


def test_a_path_without_an_engine_is_told_all_the_same() -> None:
    parts = replace(answerer(), engine=None)
    answered(parts, QUESTION)
    (made,) = heard(parts).answers
    assert (made.path, made.degraded) == (AnswerPath.SIMILAR, False)
