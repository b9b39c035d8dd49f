"""Lists asked of engines behind HTTP in tests: assignments, engines, and nothing left open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
from toyshop import ToyCatalogue, toy_items

from service.domain import Controls, Intent, Prompt, Sampling
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.pipeline.clock import Deadline
from service.ports import Decoding, Job, Page, Spelled, Written
from service.prompts.choose import choose_prompt
from service.prompts.recommend import recommend_prompt
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan

NONE = np.zeros(0, dtype=np.int64)
FREE = Controls()
GREEDY = Sampling()
LETTER = Prompt("v", "You are brief.", "Write a letter.")


def assignment(
    catalogue: ToyCatalogue, k: int = 5, controls: Controls = FREE, shown: int = 0
) -> Assignment:
    plan = compile_plan(Stock(catalogue.size, catalogue.postings, NONE), controls, k)
    made = Assignment(
        catalogue.lexicon,
        catalogue.frame,
        plan,
        catalogue.version,
        controls,
    )
    return replace(made, shown=np.arange(shown))


def prompt_for(catalogue: ToyCatalogue, asked: Assignment, text: str = "a gift") -> Prompt:
    intent = Intent(text=text)
    if not len(asked.shown):
        return recommend_prompt([], intent, asked.k)
    return choose_prompt([], intent, asked.k, [catalogue.spelling(r) for r in asked.shown.tolist()])


class Desk:
    """Asks one engine for lists, and keeps what was told."""

    def __init__(self, engine: RemoteEngine, catalogue: ToyCatalogue) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.told: list[Spelled] = []

    async def ask(
        self,
        k: int = 5,
        *,
        seconds: float = 20,
        shown: int = 0,
        controls: Controls = FREE,
        text: str = "a gift",
        sampling: Sampling = GREEDY,
        prompt: Prompt | None = None,
    ) -> Decoding:
        self.told.clear()
        asked = assignment(self.catalogue, k, controls, shown)
        prompt = prompt or prompt_for(self.catalogue, asked, text)
        job = Job(prompt, asked, Deadline(seconds), sampling, self.told.append)
        made = await self.engine.spell(job)
        assert tuple(self.told) == made.lines
        return made

    async def write(
        self,
        tokens: int = 60,
        *,
        seconds: float = 20,
        sampling: Sampling = GREEDY,
        prompt: Prompt = LETTER,
        enough: Callable[[str], bool] = lambda _text: False,
    ) -> Written:
        return await self.engine.write(Page(prompt, tokens, Deadline(seconds), sampling, enough))

    def reads(self, made: Decoding) -> bool:
        """Whether each line says what its row is called."""
        return [line.line for line in made.lines] == [
            f"{place}. {self.catalogue.spelling(line.row)}"
            for place, line in enumerate(made.lines, start=1)
        ]


def toys(tokenizer: ChatTokenizer, count: int = 40) -> ToyCatalogue:
    return ToyCatalogue(toy_items(count), tokenizer)


@asynccontextmanager
async def vllm(
    url: str, catalogue: ToyCatalogue, tokenizer: ChatTokenizer, **options: object
) -> AsyncIterator[Desk]:
    engine = VllmEngine(tokenizer, RemoteOptions(url, **options))  # type: ignore[arg-type]
    async with _closed_after(engine):
        yield Desk(engine, catalogue)


@asynccontextmanager
async def openai(url: str, catalogue: ToyCatalogue, **options: object) -> AsyncIterator[Desk]:
    engine = OpenAiEngine(RemoteOptions(url, **options))  # type: ignore[arg-type]
    async with _closed_after(engine):
        yield Desk(engine, catalogue)


@asynccontextmanager
async def _closed_after(engine: RemoteEngine) -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    await engine.close()
    await asyncio.sleep(0)
    mine = [task for task in asyncio.all_tasks() - before if "service" in str(task.get_coro())]
    assert mine == []
