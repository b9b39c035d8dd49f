"""The road of one recommendation, readable from top to bottom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from service.domain import Recommendation, RecommendedItem, RecommendRequest, Source
from service.errors import PromiseBroken
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import Draft, draft
from service.pipeline.explain import reasons
from service.pipeline.finish import Finished, finish
from service.pipeline.parts import Recommender
from service.pipeline.receipt import receipt
from service.pipeline.validate import Verdict, judge
from service.ports import ListMade


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
        finished = finish(parts.catalogue, brief, drafted.rows)
    with watch.stage("validate"):
        verdict = judge(finished.items, request.k, frozenset(brief.history.ids), brief.kept)
        _report(parts, brief, drafted, finished, verdict)
    return Recommendation(
        request_id=request_id,
        items=_lines(parts, brief, drafted, finished),
        receipt=receipt(parts.catalogue, brief, drafted, finished, verdict),
        timings=watch.total(),
    )


def _report(
    parts: Recommender, brief: Brief, drafted: Draft, finished: Finished, verdict: Verdict
) -> None:
    """Tell the observer; a list that breaks the promise goes no further."""
    found = _violations(parts, brief, drafted) | verdict.violations
    parts.observer.listed(ListMade(drafted.path, drafted.degraded, finished.repaired, found))
    if verdict.violations:
        broken = ", ".join(f"{kind}: {count}" for kind, count in verdict.violations.items())
        message = f"the finished list broke the promise ({broken})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")


def _violations(parts: Recommender, brief: Brief, drafted: Draft) -> dict[str, int]:
    """What the validator finds in the draft as it came, before any repair.

    A draft cut short by the deadline has broken nothing yet, so shares are not judged on it.
    """
    catalogue = parts.catalogue
    items = [catalogue.item(r) if 0 <= r < catalogue.size else None for r in drafted.rows]
    whole = len(items) >= brief.plan.k
    controls = brief.kept if whole else replace(brief.kept, shares=())
    return judge(items, len(items), frozenset(brief.history.ids), controls).violations


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
