"""The same list for the same question: made once, told again, and read by the validator each time.

What is kept is kept for one user, with the digest of the history that it was made for: another
history is another question. It can be asked for before the history is known, so both cost one round
trip. Nothing is kept that had to do without something, nor what takes no model to make.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from service.domain import (
    Item,
    Origin,
    Receipt,
    Recommendation,
    RecommendedItem,
    RecommendRequest,
    Source,
    Supplement,
)
from service.errors import PromiseBroken
from service.pipeline.in_time import CacheInTime
from service.pipeline.list_thought import of_before
from service.pipeline.parts import Recommender
from service.pipeline.recall import History, history_digest
from service.pipeline.remembered import found, remember
from service.pipeline.validate import Verdict, judge
from service.ports import Deadline, Looked
from service.prompts import choose, list_thought, rank, recommend

FORMAT: Final = "1"
CACHE: Final = "lists"
PROMPTS: Final = (choose.VERSION, rank.VERSION, recommend.VERSION, list_thought.VERSION)


@dataclass(frozen=True, slots=True)
class _Line:
    id: str
    score: FiniteFloat
    source: Source
    reason: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A list that was made before."""

    lines: tuple[_Line, ...]
    receipt: Receipt
    supplements: tuple[Supplement, ...] = ()


_KEPT: Final = TypeAdapter(Kept)
_ASKED: Final = TypeAdapter(RecommendRequest)


def question_of(parts: Recommender, request: RecommendRequest) -> str:
    """The key of all that decides over a list, but for a history that is yet to be read."""
    engine, given = parts.engine, request.history
    bare = replace(request, deadline_ms=None, history=None, variant=parts.variant.name)
    met = None if given is None else history_digest(given)
    made_by = [parts.catalogue.version, parts.ranker(), engine and engine.model, *PROMPTS]
    made_by += [parts.variant.role, None if parts.sidecar is None else parts.sidecar.model]
    made_by.append(str(parts.policy.thought_words))
    told = hashlib.sha256(json.dumps([FORMAT, met, made_by]).encode())
    told.update(_ASKED.dump_json(bare))
    return f"list/{told.hexdigest()}"


async def kept_before(parts: Recommender, question: str, deadline: Deadline) -> Kept | None:
    """What was kept under a question; what cannot be read is passed over."""
    if parts.cache is None:
        return None
    text = await found(CACHE, CacheInTime(parts.cache, deadline), question, parts.observer)
    if text is None:
        return None
    try:
        return _KEPT.validate_json(text)
    except ValidationError as error:
        _unfit(parts, error)
        return None


def told_again(
    parts: Recommender, request: RecommendRequest, history: History, kept: Kept, request_id: str
) -> Recommendation | None:
    """The list that was kept, if it is for this history and still keeps every promise."""
    if kept.receipt.history_digest != history.digest:
        parts.observer.looked_up(CACHE, Looked.MISS)
        return None
    if not _is_of(parts, request, kept):
        _unfit(parts, PromiseBroken("a list that was kept says that it is another"))
        return None
    catalogue, ids = parts.catalogue, [line.id for line in kept.lines]
    rows = catalogue.rows(ids).tolist()
    items = [catalogue.item(row) if row >= 0 else None for row in rows]
    real = [item for item in items if item is not None]
    verdict = judge(items, request.k, frozenset(history.ids), request.intent.controls)
    if verdict.violations:
        broken = ", ".join(verdict.violations)
        _unfit(parts, PromiseBroken(f"a list that was kept: {broken}"))
        return None
    parts.observer.looked_up(CACHE, Looked.HIT)
    return Recommendation(
        request_id,
        _lines(kept, real),
        _counted_anew(kept, verdict),
        origin=Origin.KEPT,
        supplements=of_before(kept.supplements),
    )


def _lines(kept: Kept, items: Sequence[Item]) -> tuple[RecommendedItem, ...]:
    return tuple(
        RecommendedItem(item, line.score, line.source, line.reason)
        for item, line in zip(items, kept.lines, strict=True)
    )


def _counted_anew(kept: Kept, verdict: Verdict) -> Receipt:
    return replace(
        kept.receipt,
        exists=verdict.exists,
        repeats=verdict.repeats,
        in_history=verdict.in_history,
        controls=verdict.controls,
    )


def _is_of(parts: Recommender, request: RecommendRequest, kept: Kept) -> bool:
    """Whether the receipt says what its key stands for: it is told, and counted by."""
    receipt, engine = kept.receipt, parts.engine
    said = receipt.catalogue, receipt.variant, receipt.k, receipt.model
    model = engine and engine.model
    return said == (parts.catalogue.version, parts.variant.name, request.k, model)


def _unfit(parts: Recommender, error: Exception) -> None:
    parts.observer.left_out("cache", error)
    parts.observer.looked_up(CACHE, Looked.FAILED)


async def keep(parts: Recommender, question: str, made: Recommendation, deadline: Deadline) -> None:
    """Keep a list that a model made as it was asked to, for a while."""
    receipt = made.receipt
    passing = made.origin is not Origin.MADE or receipt.degraded or bool(receipt.relaxed)
    # Who allows more time gets a whole thought.
    passing = passing or any(each.partial for each in made.supplements)
    if parts.cache is None or receipt.model is None or passing:
        return
    lines = tuple(_Line(x.item.id, x.score, x.source, x.reason) for x in made.items)
    text = _KEPT.dump_json(Kept(lines, receipt, made.supplements)).decode()
    cache = CacheInTime(parts.cache, deadline)
    await remember(cache, question, text, parts.observer, parts.policy.kept_seconds)
