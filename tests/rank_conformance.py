"""What every engine must do that weighs candidates: marks, and one word on each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from answer_conformance import LATE_S, PATIENCE_S

from service.domain import Intent, Path, Prompt, Source, Strategy
from service.errors import EngineError, EngineTimeout, PromptTooLong
from service.pipeline.clock import Deadline
from service.ports import Engine, Slate, Weighed
from service.prompts.rank import rank_prompt

if TYPE_CHECKING:
    from engine_conformance import World

TITLES = ("a jar of honey", "a garden rake", "a wool blanket", "a chess set", "a bread knife")


async def weigh(
    engine: Engine, titles: Sequence[str] = TITLES, seconds: float = PATIENCE_S, text: str = "warm"
) -> Weighed:
    marks = engine.marks(20)[: len(titles)]
    prompt = rank_prompt([], Intent(text=text), marks, titles)
    return await engine.weigh(Slate(prompt, marks, Deadline(seconds)))


class RankConformance:
    """Candidates weighed in one pass."""

    @pytest.mark.parametrize("most", [2, 5, 20])
    async def test_marks_are_short_and_distinct(self, world: World, most: int) -> None:
        marks = world.engine.marks(most)
        assert 2 <= len(set(marks)) == len(marks) <= most
        assert all(len(mark) <= 3 and mark.isalnum() for mark in marks)
        assert world.engine.marks(20)[:most] == marks

    async def test_too_few_marks_are_none(self, world: World) -> None:
        assert len(world.engine.marks(0)) == 0
        assert len(world.engine.marks(10_000)) >= 20

    async def test_a_weight_for_each_candidate_in_order(self, world: World) -> None:
        made = await weigh(world.engine)
        assert made.scores.shape == (len(TITLES),)
        assert np.exp(made.scores).sum() == pytest.approx(1.0)
        assert len(set(made.scores.tolist())) > 1
        assert made.tokens == 1
        assert made.seconds >= 0

    async def test_the_same_candidates_weigh_the_same(self, world: World) -> None:
        first = await weigh(world.engine)
        # Another prompt between, so that nothing is merely remembered.
        other = await weigh(world.engine, text="something else altogether")
        again = await weigh(world.engine)
        assert again.scores.tolist() == pytest.approx(first.scores.tolist(), abs=0.3)
        assert other.scores.tolist() != first.scores.tolist()

    async def test_candidates_are_weighed_side_by_side(self, world: World) -> None:
        alone = await weigh(world.engine)
        texts = ("warm", "for the garden", "a game", "warm")
        made = await asyncio.gather(*(weigh(world.engine, text=text) for text in texts))
        assert np.allclose(made[0].scores, alone.scores, atol=0.3)
        assert all(np.exp(one.scores).sum() == pytest.approx(1.0) for one in made)

    @pytest.mark.parametrize("seconds", [0.0, 0.01])
    async def test_a_slate_keeps_its_deadline(self, world: World, seconds: float) -> None:
        began = time.monotonic()
        titles = [f"something new, number {n}, and a long name" for n in range(20)]
        try:
            await weigh(world.engine, titles, seconds)
        except EngineTimeout:
            pass
        else:
            assert seconds
        assert time.monotonic() - began < seconds + LATE_S
        assert len((await weigh(world.engine)).scores) == len(TITLES)

    async def test_cancelling_a_slate_is_honoured(self, world: World) -> None:
        work = asyncio.ensure_future(weigh(world.engine, text="now and never"))
        await asyncio.sleep(0)
        began = time.monotonic()
        work.cancel()
        (done,) = await asyncio.gather(work, return_exceptions=True)
        assert isinstance(done, asyncio.CancelledError)
        assert time.monotonic() - began < LATE_S
        assert len((await weigh(world.engine)).scores) == len(TITLES)

    async def test_a_slate_that_is_too_long_is_told_as_that(self, world: World) -> None:
        marks = world.engine.marks(5)
        long = Prompt("v", "Answer.", "word " * 60_000)
        with pytest.raises(PromptTooLong) as caught:
            await world.engine.weigh(Slate(long, marks, Deadline(PATIENCE_S)))
        assert "word word" not in caught.value.message
        assert world.engine.marks(5) == marks

    async def test_what_is_no_mark_is_an_engine_error(self, world: World) -> None:
        marks = ("no mark at all", *world.engine.marks(4))
        slate = Slate(Prompt("v", "Answer.", "Hi"), marks, Deadline(PATIENCE_S))
        if marks[1] == "A" and len(world.engine.marks(100)) <= 20:
            # Who has no tokenizer asks for texts; what never comes is merely unlikely.
            assert np.argmin((await world.engine.weigh(slate)).scores) == 0
            return
        with pytest.raises(EngineError):
            await world.engine.weigh(slate)

    async def test_a_ranked_list_is_of_the_model(self, world: World) -> None:
        answer = await world.list(k=5, strategy=Strategy.RANK, intent=Intent(text="a gift"))
        receipt = answer.receipt
        assert (receipt.path, receipt.strategy) == (Path.LLM, Strategy.RANK)
        assert (receipt.degraded, receipt.repaired) == (False, 0)
        assert {line.source for line in answer.items} == {Source.LLM}
        assert (receipt.model, receipt.prompt) == (world.engine.model, "rank/2")
