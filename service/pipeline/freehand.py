"""Freehand: what the model writes when nothing holds it, and what the validator finds in it.

For comparison, never for customers: it is the prompt that is served, and neither speller nor
prior nor repair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from service.domain import (
    Amiss,
    AmissKind,
    ControlKind,
    ControlOutcome,
    Controls,
    FreeLine,
    FreeList,
    Intent,
    Item,
    OnConflict,
    Prompt,
    RecommendRequest,
    Sampling,
)
from service.errors import ConflictingControls, EngineTimeout, NoModel, PromptTooLong
from service.pipeline.aside import aside, soon
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import RESERVE
from service.pipeline.listing import lines_of
from service.pipeline.parts import Recommender
from service.pipeline.recall import History, recall
from service.pipeline.titles import Titles
from service.pipeline.validate import LineVerdict, judge, judge_lines, outcomes
from service.pipeline.variants import serving, subject
from service.ports import Catalogue, Engine, Page, Written
from service.ports import Deadline as Until
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.conflict import plan_or_relax
from service.steering.plan import Stock

LINE_TOKENS: Final = 40
"""For one line; a model that rambles is cut short."""


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


async def written(engine: Engine, wish: Wish, until: Until) -> tuple[Written, Prompt]:
    """What the model says by itself; of a prompt that is too long, less history is shown."""
    shown = HISTORY_SHOWN
    while True:
        prompt = wish.prompt(shown)
        page = Page(prompt, LINE_TOKENS * wish.k, until, wish.sampling)
        try:
            return await engine.write(page), prompt
        except PromptTooLong:
            if not shown:
                raise
            shown //= 2


async def freehand(parts: Recommender, request: RecommendRequest, request_id: str) -> FreeList:
    """A list as the model writes it, held to nothing; EngineError if there is none."""
    parts = serving(parts, request.variant, subject(request.user, request_id))
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    with watch.stage("history"):
        history = await recall(parts.catalogue, parts.store, request, deadline)
    with watch.stage("plan"):
        await _refuse_conflict(parts.catalogue, request, history)
    engine = _writer(parts)
    with watch.stage("write"):
        wish = _wish(parts, request, history)
        said, prompt = await written(engine, wish, deadline.before(RESERVE))
        parts.observer.decoded(said, engine.model)
    with watch.stage("read"):
        titles = await _titles(parts, deadline)
        lines, items = await asyncio.to_thread(_named, titles, said.text, request.k)
    with watch.stage("validate"):
        met, controls = frozenset(history.ids), request.intent.controls
        verdict = judge(items, request.k, met, controls)
        each = judge_lines(items, request.k, met)
    return FreeList(
        request_id=request_id,
        text=said.text,
        lines=tuple(_line(*one, request) for one in zip(lines, each, strict=True)),
        k=request.k,
        violations=verdict.violations,
        controls=verdict.controls,
        model=engine.model,
        prompt=prompt.version,
        timings=watch.total(),
    )


async def _refuse_conflict(
    catalogue: Catalogue, request: RecommendRequest, history: History
) -> None:
    """What no list can obey is no task for a model either."""
    stock = Stock(catalogue.size, catalogue.postings, history.banned)
    controls, at_once = request.intent.controls, soon(catalogue.size, request.k)
    try:
        await aside(at_once, plan_or_relax, stock, controls, request.k, OnConflict.REJECT)
    except ConflictingControls as error:
        raise ConflictingControls(error.message, hint="Loosen one of them, or lower k.") from error


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


async def _titles(parts: Recommender, deadline: Deadline) -> Titles:
    """The catalogue's titles, made ready once: whoever waited in vain may ask again."""
    try:
        async with asyncio.timeout(deadline.remaining()):
            return await parts.naming.titles(parts.catalogue)
    except TimeoutError as error:
        raise EngineTimeout(
            "the catalogue's titles were not ready in time", hint="Send it again a little later."
        ) from error


def _named(titles: Titles, text: str, k: int) -> tuple[list[str], list[Item | None]]:
    """The lines of a text, and the item that each of them means."""
    lines = lines_of(text, k)
    rows = titles.named(lines)
    return lines, [None if row is None else titles.catalogue.item(row) for row in rows]


def _line(text: str, verdict: LineVerdict, request: RecommendRequest) -> FreeLine:
    amiss = _amiss(verdict, request.k, request.intent.controls)
    return FreeLine(text, verdict.item, tuple(amiss))


def _amiss(verdict: LineVerdict, k: int, controls: Controls) -> Iterator[Amiss]:
    """What is wrong with one line, whatever the others are."""
    if verdict.item is None:
        yield Amiss(AmissKind.NONEXISTENT, "the catalogue has no such item")
    if verdict.repeats:
        yield Amiss(AmissKind.REPEAT, "it stands in the list already")
    if verdict.in_history:
        yield Amiss(AmissKind.IN_HISTORY, "it is in the history")
    if verdict.item is not None:
        alone = outcomes([verdict.item], 1, replace(controls, shares=()))
        yield from (_broken(outcome) for outcome in alone if not outcome.holds)
    if verdict.beyond:
        yield Amiss(AmissKind.SURPLUS, f"only {k} were asked for")


def _broken(outcome: ControlOutcome) -> Amiss:
    """A control that an item breaks by itself."""
    if outcome.kind is ControlKind.INCLUDE:
        named = " or ".join(outcome.categories)
        return Amiss(AmissKind.INCLUDE, f"it is not in {named}, as was asked")
    return Amiss(AmissKind.EXCLUDE, f"it is in {outcome.categories[0]}, which is excluded")
