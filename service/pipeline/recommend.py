"""The road of one recommendation, readable from top to bottom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from service.domain import Item, Receipt, Recommendation, RecommendedItem, RecommendRequest
from service.errors import PromiseBroken
from service.pipeline.brief import Brief, prepare
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.draft import draft
from service.pipeline.exposing import expose
from service.pipeline.finish import finish
from service.pipeline.galley import Galley, Show
from service.pipeline.parts import Recommender
from service.pipeline.receipt import receipt
from service.pipeline.validate import judge
from service.pipeline.variants import on_terms, serving, subject
from service.ports import Catalogue, ListMade


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
    watch = Stopwatch(parts.observer)
    deadline = Deadline((request.deadline_ms or parts.policy.deadline_ms) / 1e3)
    brief = await prepare(parts, request, watch, deadline)
    galley = Galley(parts.catalogue, brief, show)
    with watch.stage("draft"):
        drafted = await draft(parts, brief, deadline, galley)
    with watch.stage("finish"):
        repaired = await finish(brief, drafted, galley)
    with watch.stage("validate"):
        items = _resolved(parts.catalogue, galley)
        verdict = judge(items, request.k, frozenset(brief.history.ids), brief.kept)
        account = receipt(parts, brief, drafted, galley, repaired, verdict)
        broken = _violations(parts.catalogue, brief, galley)
        _report(parts, account, broken, verdict.violations)
    made = Recommendation(request_id, tuple(galley.lines), account)
    with watch.stage("expose"):
        await expose(parts, request, made)
    return replace(made, timings=watch.total())


def _resolved(catalogue: Catalogue, galley: Galley) -> list[Item | None]:
    """Each item looked up again by its id: what is not where its row says does not exist."""
    items = galley.items
    found = catalogue.rows([item.id for item in items]).tolist()
    return [
        item if row == again else None
        for item, row, again in zip(items, galley.rows, found, strict=True)
    ]


def _report(
    parts: Recommender, account: Receipt, drafted: Mapping[str, int], listed: Mapping[str, int]
) -> None:
    """Tell the observer of violations; a list that has any itself goes no further."""
    both = dict(Counter(drafted) + Counter(listed))
    parts.observer.listed(
        ListMade(account.path, account.strategy, account.degraded, account.repaired, both)
    )
    if listed:
        broken = ", ".join(f"{kind}: {count}" for kind, count in listed.items())
        message = f"the finished list broke the promise ({broken})"
        raise PromiseBroken(message, hint="This is a bug; please report the request.")


def _violations(catalogue: Catalogue, brief: Brief, galley: Galley) -> dict[str, int]:
    """What the validator finds in the engine's draft as it came, before any repair.

    A draft cut short by the deadline has broken nothing yet, so shares are not judged on it.
    """
    rows = galley.drafted
    items = [catalogue.item(r) if 0 <= r < catalogue.size else None for r in rows]
    controls = brief.kept if len(items) >= brief.plan.k else replace(brief.kept, shares=())
    found = judge(items, len(items), frozenset(brief.history.ids), controls).violations
    return found | ({"misspelled": galley.misspelled} if galley.misspelled else {})
