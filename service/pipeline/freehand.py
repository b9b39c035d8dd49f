"""Freehand: what the model writes when nothing holds it, and what the validator finds in it.

For comparison, never for customers: it is asked by the prompt that titles are spelled by, and has
neither speller nor prior nor repair. Who is shown numbered candidates where lists are served, for
titles cannot be spelled by it, is asked by that prompt here too. All else that the model has to do
goes before it, and it ends once there is a line too many.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from service.domain import (
    FreeList,
    Intent,
    OnConflict,
    Prompt,
    RecommendRequest,
    Sampling,
)
from service.errors import ConflictingControls, EngineTimeout, NoModel, PromptTooLong
from service.pipeline.amiss import counted, free_line, named
from service.pipeline.aside import aside, soon
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import RESERVE
from service.pipeline.listing import overfull
from service.pipeline.parts import Recommender
from service.pipeline.recall import History, recall
from service.pipeline.titles import Titles
from service.pipeline.validate import judge, judge_lines
from service.pipeline.variants import serving, subject
from service.ports import Deadline as Until
from service.ports import Engine, Page, Written
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.conflict import plan_or_relax
from service.steering.plan import Plan, Stock

LINE_TOKENS: Final = 40
"""For one line; a model that rambles is cut short."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a model is asked to list."""

    history: Sequence[str]
    """Titles, oldest first."""
    intent: Intent
    k: int
    sampling: Sampling = field(default_factory=Sampling)
    role: str | None = None

    def prompt(self, shown: int) -> Prompt:
        """The prompt, with so many of the latest titles."""
        titles = self.history[-shown:] if shown else []
        return recommend_prompt(titles, self.intent, self.k, self.role)


def _to_the_end(_so_far: str) -> bool:
    return False


async def written(
    engine: Engine, wish: Wish, until: Until, enough: Callable[[str], bool] = _to_the_end
) -> tuple[Written, Prompt]:
    """What the model says by itself; of a prompt that is too long, less history is shown."""
    shown = HISTORY_SHOWN
    while True:
        prompt = wish.prompt(shown)
        most = LINE_TOKENS * wish.k
        page = Page(prompt, most, until, wish.sampling, enough, patient=True)
        try:
            return await engine.write(page), prompt
        except PromptTooLong:
            if not shown:
                raise
            shown //= 2


async def freehand(parts: Recommender, request: RecommendRequest, request_id: str) -> FreeList:
    """A list as the model writes it, held to nothing; NoModel, or EngineError if it fails."""
    parts = serving(parts, request.variant, subject(request.user, request_id))
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    with watch.stage("history"):
        history = await recall(parts.catalogue, parts.store, request, deadline)
    with watch.stage("plan"):
        plan = await _plan(parts, request, history)
    engine = _writer(parts)
    async with _meanwhile(parts.naming.titles(parts.catalogue)) as ready:
        with watch.stage("write"):
            wish = _wish(parts, request, history)
            enough = partial(overfull, k=request.k)
            said, prompt = await written(engine, wish, deadline.before(RESERVE), enough)
            parts.observer.decoded(said, engine.model)
        with watch.stage("read"):
            titles = await _in_time(ready, deadline)
            lines, items = await asyncio.to_thread(named, titles, said, plan)
    with watch.stage("validate"):
        met = frozenset(history.ids)
        # What comes after the last line that was asked for is too much, whatever it is.
        verdict = judge(items[: request.k], request.k, met, request.intent.controls)
        each = judge_lines(items, request.k, met)
    return FreeList(
        request_id=request_id,
        text=said.text,
        lines=tuple(free_line(*one, request) for one in zip(lines, each, strict=True)),
        k=request.k,
        violations=counted(verdict, len(items), cut=said.stopped is not None),
        controls=verdict.controls,
        model=engine.model,
        prompt=prompt.version,
        timings=watch.total(),
        stopped=said.stopped,
    )


async def _plan(parts: Recommender, request: RecommendRequest, history: History) -> Plan:
    """What may be listed; what no list can obey is no task for a model either."""
    catalogue, controls = parts.catalogue, request.intent.controls
    stock = Stock(catalogue.size, catalogue.postings, history.banned)
    at_once, reject = soon(catalogue.size, request.k), OnConflict.REJECT
    try:
        plan, _, _ = await aside(at_once, plan_or_relax, stock, controls, request.k, reject)
    except ConflictingControls as error:
        if error.hint != error.default_hint:
            raise
        raise ConflictingControls(error.message, hint="Loosen one of them, or lower k.") from error
    return plan


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Work beside other work; when that is over nobody waits for it any more."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _writer(parts: Recommender) -> Engine:
    if parts.engine is None:
        raise NoModel("there is no model to write a list")
    return parts.engine


def _wish(parts: Recommender, request: RecommendRequest, history: History) -> Wish:
    rows = history.rows[-HISTORY_SHOWN:].tolist()
    return Wish(
        history=[parts.catalogue.spelling(row) for row in rows],
        intent=request.intent,
        k=request.k,
        sampling=request.sampling,
        role=parts.variant.role,
    )


async def _in_time(ready: asyncio.Task[Titles], deadline: Deadline) -> Titles:
    """The catalogue's titles, made ready once: whoever waited in vain may ask again."""
    try:
        async with asyncio.timeout(deadline.remaining()):
            return await ready
    except TimeoutError as error:
        raise EngineTimeout(
            "the catalogue's titles were not ready in time", hint="Send it again a little later."
        ) from error
