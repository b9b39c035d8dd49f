"""The road of one recommendation, readable from top to bottom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from service.domain import (
    Item,
    Receipt,
    Recommendation,
    RecommendedItem,
    RecommendRequest,
    Source,
)
from service.errors import PromiseBroken
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import Draft, draft
from service.pipeline.explain import reasons
from service.pipeline.finish import Finished, finish
from service.pipeline.parts import Recommender
from service.pipeline.receipt import receipt
from service.pipeline.validate import judge
from service.ports import Catalogue, ListMade


async def recommend(
    parts: Recommender, request: RecommendRequest, request_id: str
) -> Recommendation:
    """A list that exists, repeats nothing, avoids the history and obeys its controls."""
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    brief = await prepare(parts, request, watch, deadline)
    with watch.stage("draft"):
        drafted = await draft(parts, brief, deadline)
    with watch.stage("finish"):
        finished = await asyncio.to_thread(finish, parts.catalogue, brief, drafted)
    with watch.stage("validate"):
        items = _resolved(parts.catalogue, finished)
        verdict = judge(items, request.k, frozenset(brief.history.ids), brief.kept)
        account = receipt(parts.catalogue, brief, drafted, finished, verdict)
        broken = _violations(parts.catalogue, brief, drafted, finished)
        _report(parts, account, broken, verdict.violations)
    return Recommendation(
        request_id=request_id,
        items=_lines(parts, brief, drafted, finished),
        receipt=account,
        timings=watch.total(),
    )


def _resolved(catalogue: Catalogue, finished: Finished) -> list[Item | None]:
    """Each item looked up again by its id: what is not where its row says does not exist."""
    found = catalogue.rows([item.id for item in finished.items]).tolist()
    return [
        item if row == again else None
        for item, row, again in zip(finished.items, finished.rows, found, strict=True)
    ]


def _report(
    parts: Recommender, account: Receipt, drafted: Mapping[str, int], listed: Mapping[str, int]
) -> None:
    """Tell the observer of violations; a list that has any itself goes no further."""
    both = dict(Counter(drafted) + Counter(listed))
    parts.observer.listed(ListMade(account.path, account.degraded, account.repaired, both))
    if listed:
        broken = ", ".join(f"{kind}: {count}" for kind, count in listed.items())
        message = f"the finished list broke the promise ({broken})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")


def _violations(
    catalogue: Catalogue, brief: Brief, drafted: Draft, finished: Finished
) -> dict[str, int]:
    """What the validator finds in the draft as it came, before any repair.

    A draft cut short by the deadline has broken nothing yet, so shares are not judged on it.
    """
    items = [catalogue.item(r) if 0 <= r < catalogue.size else None for r in drafted.rows]
    whole = len(items) >= brief.plan.k
    controls = brief.kept if whole else replace(brief.kept, shares=())
    found = judge(items, len(items), frozenset(brief.history.ids), controls).violations
    misspelled = len(finished.misspelled)
    return found | ({"misspelled": misspelled} if misspelled else {})


def _lines(
    parts: Recommender, brief: Brief, drafted: Draft, finished: Finished
) -> tuple[RecommendedItem, ...]:
    because: list[str | None] = [None] * len(finished.rows)
    if brief.request.explain:
        because = [*reasons(parts.catalogue, brief, finished)]
    scores = brief.found.prior.of(np.array(finished.rows)).tolist()
    kept = len(finished.rows) - finished.repaired
    return tuple(
        RecommendedItem(
            item=item,
            score=round(scores[i], 4),
            source=Source(drafted.path) if i < kept else Source.REPAIR,
            reason=because[i],
        )
        for i, item in enumerate(finished.items)
    )
