"""Repair: keep what the plan can keep of a draft, fill the rest from the candidates."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain import Item
from service.pipeline.brief import Brief
from service.ports import Catalogue
from service.steering.progress import Progress
from service.steering.select import select


@dataclass(frozen=True, slots=True)
class Finished:
    """A complete list of rows; those from `repaired` on stand in for what the draft lacked."""

    rows: tuple[int, ...]
    items: tuple[Item, ...]
    repaired: int


def finish(catalogue: Catalogue, brief: Brief, drafted: tuple[int, ...]) -> Finished:
    """Walk the draft under the plan: leave out what may not stand, select what is missing."""
    progress = Progress(brief.plan)
    for row in drafted:
        if not progress.complete and 0 <= row < catalogue.size and progress.may_take(row):
            progress.take(row)
    added = select(progress, brief.found.prior)
    items = tuple(catalogue.item(row) for row in progress.rows)
    return Finished(tuple(progress.rows), items, len(added))
