"""The road of one recommendation, readable from top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from service.domain import Item, Origin, Recommendation, RecommendedItem, RecommendRequest
from service.errors import PromiseBroken
from service.pipeline.again import keep, kept_before, question_of, told_again
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import RESERVE, draft
from service.pipeline.exposing import expose
from service.pipeline.finish import finish
from service.pipeline.galley import Galley, Show
from service.pipeline.inside import by_itself, inside, timed
from service.pipeline.list_thought import considered, of_before, supplements
from service.pipeline.parts import Recommender
from service.pipeline.recall import History, recall
from service.pipeline.receipt import receipt
from service.pipeline.validate import judge
from service.pipeline.variants import on_terms, serving, subject
from service.ports import Catalogue, Drafted, ListMade, Observer

Alone: TypeAlias = Callable[[], Coroutine[Any, Any, Recommendation]]
"""Makes a list, and shows its lines to nobody."""

Make: TypeAlias = Callable[[Show], Coroutine[Any, Any, Recommendation]]
"""Makes a list, showing its lines on the way."""


def nobody(_line: RecommendedItem) -> None:
    """Shown to no one before the list is whole."""


async def recommend(
    parts: Recommender, request: RecommendRequest, request_id: str, show: Show = nobody
) -> Recommendation:
    """A list that exists, repeats nothing, avoids the history and obeys its controls.

    `show` sees each of its lines the moment it is final; all that can be refused is refused before.
    """
    parts = serving(parts, request.variant, subject(request.user, request_id))
    request = on_terms(parts, request)
    if request.inside:
        parts = by_itself(parts)
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    question = question_of(parts, request)
    with watch.stage("history"):
        history, kept = await asyncio.gather(
            recall(parts.catalogue, parts.store, request, deadline),
            kept_before(parts, question, deadline),
        )
    again = None if kept is None else told_again(parts, request, history, kept, request_id)
    if again is None:
        make = partial(_made, parts, request, history, watch, deadline, request_id)
        made = await _together(parts, f"{question}/{history.digest}", make, show, deadline)
        made = replace(made, request_id=request_id)
    else:
        made = again
        for line in made.items:
            show(line)
    if made.origin is not Origin.MADE:
        parts.observer.listed(_account(made, watch, deadline))
    with watch.stage("keep"):
        await asyncio.gather(
            keep(parts, question, made, deadline), expose(parts, request, made, deadline)
        )
    return replace(made, timings=watch.total(), inside=timed(made.inside, watch))


async def _together(
    parts: Recommender, key: str, make: Make, show: Show, deadline: Deadline
) -> Recommendation:
    """Have one list made for all who ask the same at once.

    Who follows is shown the lines when all are there, waits no longer than for a list of their own,
    and takes none that is degraded because the first had less time than is left.
    """
    first = parts.together.under_way(key)
    if first is None:
        return await parts.together.once(key, partial(make, show), deadline)
    made = await _followed(parts, key, partial(make, nobody), first, deadline)
    if made is None:
        return await make(show)
    if made.receipt.degraded and first.seconds < deadline.remaining():
        return await _together(parts, key, make, show, deadline)
    for line in made.items:
        show(line)
    return replace(made, origin=Origin.SHARED, supplements=of_before(made.supplements))


async def _followed(
    parts: Recommender, key: str, make: Alone, first: Deadline, deadline: Deadline
) -> Recommendation | None:
    """The list that is under way; None where one's own may come sooner.

    A first whose time ends before is finishing its list when one's own would have to be begun.
    """
    sooner = first.remaining() <= deadline.remaining()
    within = deadline if sooner else deadline.before(RESERVE)
    with suppress(TimeoutError):
        async with asyncio.timeout(within.remaining()):
            return await parts.together.once(key, make, deadline)
    return None


async def _made(  # noqa: PLR0913, PLR0917 - what a list is made of
    parts: Recommender,
    request: RecommendRequest,
    history: History,
    watch: Stopwatch,
    deadline: Deadline,
    request_id: str,
    show: Show,
) -> Recommendation:
    brief = await prepare(parts, request, history, watch, deadline)
    brief = await considered(parts, brief, watch, deadline)
    galley = Galley(parts.catalogue, brief, show)
    with watch.stage("draft"):
        drafted = await draft(parts, brief, deadline, galley)
        brief = galley.brief
    with watch.stage("finish"):
        repaired = await finish(brief, drafted, galley)
    with watch.stage("validate"):
        items = _resolved(parts.catalogue, galley)
        verdict = judge(items, request.k, frozenset(brief.history.ids), brief.kept)
        account = receipt(parts, brief, drafted, galley, repaired, verdict)
        fared = _judged(parts.catalogue, brief, galley)
        seen = inside(parts.catalogue, brief, galley)
        said = supplements(brief, read=account.model is not None)
        lines = tuple(galley.lines)
        made = Recommendation(request_id, lines, account, supplements=said, inside=seen)
        told = _account(made, watch, deadline)
        told = replace(told, drafted=fared, violations=verdict.violations)
        _refuse_broken(parts.observer, told)
        parts.observer.listed(told)
    return made


def _resolved(catalogue: Catalogue, galley: Galley) -> list[Item | None]:
    """Each item looked up again by its id: what is not where its row says does not exist."""
    items = galley.items
    found = catalogue.rows([item.id for item in items]).tolist()
    return [
        item if row == again else None
        for item, row, again in zip(items, galley.rows, found, strict=True)
    ]


def _account(made: Recommendation, watch: Stopwatch, deadline: Deadline) -> ListMade:
    """What the observer is told of a list, but for its draft and what it broke."""
    account = made.receipt
    return ListMade(
        path=account.path,
        strategy=account.strategy,
        degraded=account.degraded,
        repaired=account.repaired,
        violations={},
        variant=account.variant,
        origin=made.origin,
        seconds=watch.seconds,
        allowed=deadline.seconds,
        model=account.model,
        prompt=account.prompt,
        controls=account.controls,
        relaxed=account.relaxed,
        supplements=made.supplements,
    )


def _refuse_broken(observer: Observer, told: ListMade) -> None:
    """A list that has violations itself goes no further, and counts as none that went out."""
    if told.violations:
        observer.withheld(told)
        broken = ", ".join(f"{kind}: {count}" for kind, count in told.violations.items())
        message = f"the finished list broke the promise ({broken})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")


def _judged(catalogue: Catalogue, brief: Brief, galley: Galley) -> Drafted:
    """What the validator finds in the engine's draft as it came, before any repair.

    A draft cut short by the deadline has broken nothing yet, so shares are not judged on it.
    """
    rows = galley.drafted
    if not rows:
        return Drafted()
    items = [catalogue.item(r) if 0 <= r < catalogue.size else None for r in rows]
    controls = brief.kept if len(items) >= brief.plan.k else replace(brief.kept, shares=())
    verdict = judge(items, len(items), frozenset(brief.history.ids), controls)
    misspelled = {"misspelled": galley.misspelled} if galley.misspelled else {}
    return Drafted(len(rows), galley.kept, verdict.controls, verdict.violations | misspelled)
