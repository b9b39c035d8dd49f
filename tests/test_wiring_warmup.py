"""The first questions to an engine: what they tell of its pace, and what they do not stop."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from toyshop import SpellingEngine, ToyCatalogue, WeighingEngine, recommender, toy_items

from service.domain import Item, RecommendRequest, Strategy
from service.domain import Path as Road
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.convert import ensure_model
from service.errors import EngineError, EngineFailed, EngineTimeout, PromptTooLong
from service.pipeline.parts import Policy, Recommender
from service.pipeline.recommend import recommend
from service.ports import Decoding, Job, Slate, Weighed
from service.wiring_warmup import WARM_UP_S, warm_up


class Scales(SpellingEngine):
    """Takes as many candidates as it has room for, unless it cannot weigh at all."""

    def __init__(self, room: int = 50, error: EngineError | None = None) -> None:
        super().__init__()
        self._room = room
        self._error = error
        self.asked: list[int] = []

    async def weigh(self, slate: Slate) -> Weighed:
        self.asked.append(len(slate.marks))
        if self._error is not None:
            raise self._error
        if len(slate.marks) > self._room:
            raise PromptTooLong("the prompt does not fit")
        return replace(await super().weigh(slate), seconds=0.5)


def parts_for(engine: SpellingEngine, ranked: int = 30) -> Recommender:
    return recommender(engine=engine, policy=Policy(ranked=ranked))


async def test_it_is_known_how_long_weighing_takes() -> None:
    engine = Scales()
    parts = parts_for(engine)
    await warm_up(engine, parts)
    assert engine.asked == [30]
    assert parts.rank_pace.expected(0) == pytest.approx(0.5, rel=0.1)


async def test_no_more_are_weighed_than_there_are() -> None:
    engine = Scales()
    await warm_up(engine, recommender(items=toy_items()[:7], engine=engine))
    assert engine.asked == [7]


@pytest.mark.parametrize("marks", [0, 1])
async def test_who_has_no_marks_is_not_asked(marks: int) -> None:
    engine = Scales()
    await warm_up(engine, parts_for(engine, ranked=marks))
    assert engine.asked == []


async def test_where_all_do_not_fit_fewer_are_weighed(caplog: pytest.LogCaptureFixture) -> None:
    engine = Scales(room=10)
    parts = parts_for(engine)
    await warm_up(engine, parts)
    assert engine.asked == [30, 15, 7]
    assert parts.rank_pace.expected(0) > 0
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        (Scales(room=1), "the question does not fit into the model's context"),
        (Scales(error=EngineFailed("no logits")), "no logits"),
        (Scales(error=EngineTimeout("the deadline came")), "the deadline came"),
    ],
)
async def test_who_cannot_weigh_serves_all_the_same(
    engine: Scales, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = parts_for(engine)
    with caplog.at_level(logging.WARNING):
        await warm_up(engine, parts)
    assert caplog.messages == [f"{message}, when it was asked to weigh candidates"]
    late = "deadline" in message
    assert (parts.rank_pace.expected(0) > WARM_UP_S) == late


async def test_who_cannot_spell_in_the_process_does_not() -> None:
    engine = WeighingEngine(lambda count: [-1.0] * count)
    with pytest.raises(EngineFailed, match="it only weighs"):
        await warm_up(engine, parts_for(engine))


async def test_nor_who_is_stopped_before_an_item_is_there() -> None:
    class Stopped(SpellingEngine):
        async def spell(self, job: Job) -> Decoding:
            return Decoding((), 0, 0, stopped="the deadline came")

    engine = Stopped()
    with pytest.raises(EngineFailed, match="was not spelled: the deadline came"):
        await warm_up(engine, parts_for(engine))


@pytest.fixture
async def narrow(cache_dir: Path) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(ensure_model(cache_dir, print), EmbeddedOptions(context=1024))
    yield engine
    await engine.close()


@pytest.mark.parametrize(("words", "weighs"), [(8, True), (60, False)])
async def test_the_real_model_with_little_context_and_long_titles(
    narrow: EmbeddedEngine, words: int, *, weighs: bool
) -> None:
    titles = [" ".join(f"q{n}x{word}" for word in range(words)) for n in range(40)]
    items = [Item(f"i{n}", title, ("All",)) for n, title in enumerate(titles)]
    toys = recommender()
    parts = replace(
        toys,
        engine=narrow,
        catalogue=ToyCatalogue(items, narrow.tokenizer),
        policy=Policy(ranked=40),
    )
    await warm_up(narrow, parts)
    assert parts.pace.expected(1) > 0
    assert (parts.rank_pace.expected(0) > 0) == weighs
    request = RecommendRequest(k=3, strategy=Strategy.RANK, deadline_ms=60_000)
    made = await recommend(parts, request, "r")
    assert (made.receipt.path, len(made.items)) == (Road.LLM if weighs else Road.POPULAR, 3)
