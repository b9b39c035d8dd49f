"""What every engine must do, whichever it is and wherever it runs: the suite they all inherit."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import pytest
from answer_conformance import LATE_S, PATIENCE_S, LabelConformance, WritingConformance
from rank_conformance import RankConformance
from toyshop import Noted, ToyStore

from service.domain import (
    Controls,
    Intent,
    Op,
    Path,
    Prompt,
    Recommendation,
    RecommendRequest,
    Sampling,
    Share,
    Strategy,
)
from service.errors import ConflictingControls, EngineError, EngineTimeout
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import assigned
from service.pipeline.parts import Recommender
from service.pipeline.recall import recall
from service.pipeline.recommend import recommend
from service.pipeline.validate import judge, misread
from service.ports import Catalogue, Decoding, Engine, Job, Spelled, Tell


@dataclass(frozen=True)
class World:
    """An engine and a catalogue that it can spell from."""

    engine: Engine
    catalogue: Catalogue

    @property
    def parts(self) -> Recommender:
        return Recommender(self.catalogue, (), self.engine, ToyStore(), Noted())

    async def list(self, **fields: object) -> Recommendation:
        given = {"k": 5, "strategy": Strategy.GENERATE, "deadline_ms": int(PATIENCE_S * 1e3)}
        request = RecommendRequest(**{**given, **fields})  # type: ignore[arg-type]
        return await recommend(self.parts, request, "r")

    async def brief(self, k: int) -> Brief:
        noted = Noted()
        request = RecommendRequest(k=k)
        deadline = Deadline(PATIENCE_S)
        history = await recall(self.parts.catalogue, self.parts.store, request, deadline)
        return await prepare(self.parts, request, history, Stopwatch(noted), deadline)

    async def job(self, k: int, seconds: float, tell: Tell, prompt: Prompt | None = None) -> Job:
        asked, assignment = assigned(self.parts, self.engine, await self.brief(k))
        return Job(prompt or asked, assignment, Deadline(seconds), tell=tell)

    async def spell(
        self, k: int, seconds: float, told: list[Spelled], prompt: Prompt | None = None
    ) -> Decoding:
        return await self.engine.spell(await self.job(k, seconds, told.append, prompt))

    def ids(self, count: int, dice: random.Random) -> tuple[str, ...]:
        rows = dice.sample(range(self.catalogue.size), count)
        return tuple(self.catalogue.item(row).id for row in rows)

    def controls(self, dice: random.Random) -> Controls:
        """Whatever a merchandiser might think of."""
        names = list(self.catalogue.categories)
        shares = dice.choice((0.0, 0.2, 0.3, 0.5))
        return Controls(
            include=tuple(dice.sample(names, dice.choice((0, 0, 2, 3)))),
            exclude=tuple(dice.sample(names, dice.choice((0, 0, 1)))),
            shares=tuple(
                Share(name, dice.choice(list(Op)), shares)
                for name in dice.sample(names, dice.choice((0, 1, 2)))
            ),
        )


class EngineConformance(LabelConformance, WritingConformance, RankConformance):
    """Inherit it, and give a fixture `world`."""

    lists = 12
    """How many random lists are made."""

    async def test_lists_are_valid_and_obedient(self, world: World) -> None:
        dice = random.Random(5)
        made = 0
        while made < self.lists:
            controls, history = world.controls(dice), world.ids(4, dice)
            k = dice.randint(1, 8)
            try:
                answer = await world.list(k=k, history=history, intent=Intent(controls=controls))
            except ConflictingControls:
                continue
            made += 1
            items = [line.item for line in answer.items]
            assert not judge(items, k, history, controls).violations
            assert (answer.receipt.path, answer.receipt.model) == (Path.LLM, world.engine.model)

    async def test_a_steered_list_needs_no_repair(self, world: World) -> None:
        answer = await world.list(k=6, intent=Intent(text="something nice"))
        assert answer.receipt.repaired == 0 or world.engine.labels

    async def test_each_line_is_told_once_and_reads_as_its_row(self, world: World) -> None:
        told: list[Spelled] = []
        made = await world.spell(4, PATIENCE_S, told)
        assert tuple(told) == made.lines
        assert made.rows
        for place, line in enumerate(told):
            spelling = world.catalogue.spelling(line.row)
            assert (line.line is None) == bool(world.engine.labels)
            assert line.line is None or not misread(line.line, place, spelling)

    async def test_lists_side_by_side_do_not_disturb_each_other(self, world: World) -> None:
        dice = random.Random(6)
        histories = [world.ids(3, dice) for _ in range(6)]
        answers = await asyncio.gather(*(world.list(history=history) for history in histories))
        for answer, history in zip(answers, histories, strict=True):
            items = [line.item for line in answer.items]
            assert not judge(items, 5, history, Controls()).violations
            assert answer.receipt.path is Path.LLM

    @pytest.mark.parametrize("seconds", [0.0, 0.05, 0.4])
    async def test_the_deadline_is_kept(self, world: World, seconds: float) -> None:
        told: list[Spelled] = []
        job = await world.job(20, seconds, told.append)
        began = time.monotonic()
        try:
            made = await world.engine.spell(job)
        except EngineTimeout:
            made = None
        assert time.monotonic() - began < seconds + LATE_S
        if made is not None:
            assert made.stopped or (seconds and len(made.rows) == 20)
            assert tuple(told) == made.lines
        heard = len(told)
        assert len((await world.list(k=2)).items) == 2
        assert len(told) == heard

    async def test_cancelling_is_honoured(self, world: World) -> None:
        told: list[Spelled] = []
        began = 0.0

        def hear(line: Spelled) -> None:
            nonlocal began
            told.append(line)
            began = began or time.monotonic()
            work.cancel()

        # At its first line: however fast an engine is, that is before its list is handed in.
        work = asyncio.ensure_future(world.engine.spell(await world.job(20, PATIENCE_S, hear)))
        done = (await asyncio.gather(work, return_exceptions=True))[0]
        assert isinstance(done, asyncio.CancelledError)
        assert time.monotonic() - began < LATE_S
        assert told
        heard = len(told)
        assert (await world.list(k=2)).receipt.path is Path.LLM
        assert len(told) == heard

    async def test_what_cannot_be_served_is_an_engine_error(self, world: World) -> None:
        long = Prompt("v", "Answer.", "word " * 60_000)
        with pytest.raises(EngineError) as caught:
            await world.spell(3, PATIENCE_S, [], long)
        assert "word word" not in caught.value.message
        assert (await world.list(k=2)).receipt.path is Path.LLM

    async def test_draws_are_repeated_by_their_seed(self, world: World) -> None:
        async def draw(seed: int) -> list[str]:
            answer = await world.list(sampling=Sampling(1.3, seed), prior_weight=0.0)
            return [line.item.id for line in answer.items]

        await draw(1)  # what a server keeps of a prompt is there for all that follow
        lists = [await draw(seed) for seed in (1, 1, 2, 3, 4)]
        assert lists[0] == lists[1]
        assert len({tuple(ids) for ids in lists}) > 1

    async def test_it_is_no_trouble(self, world: World) -> None:
        assert await world.engine.trouble() is None
        assert world.engine.ahead() >= 0
