"""Repair: keep what the plan can keep of a draft, fill the rest from the candidates."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain import Item
from service.pipeline.brief import Brief
from service.pipeline.draft import Draft
from service.pipeline.validate import misread
from service.ports import Catalogue
from service.steering.progress import Progress
from service.steering.select import select


@dataclass(frozen=True, slots=True)
class Finished:
    """A complete list of rows; those from `repaired` on stand in for what the draft lacked."""

    rows: tuple[int, ...]
    items: tuple[Item, ...]
    repaired: int
    rejected: int
    """How many drafted rows could not stay."""
    misspelled: frozenset[int]
    """Places of the draft whose text does not name the row it was taken for."""


def finish(catalogue: Catalogue, brief: Brief, drafted: Draft) -> Finished:
    """Walk the draft under the plan: leave out what may not stand, select what is missing."""
    progress = Progress(brief.plan)
    misspelled = _misspelled(catalogue, drafted)
    for place, row in enumerate(drafted.rows):
        if place in misspelled:
            continue
        if not progress.complete and 0 <= row < catalogue.size and progress.may_take(row):
            progress.take(row)
    rejected = len(drafted.rows) - len(progress.rows)
    added = select(progress, brief.found.prior)
    items = tuple(catalogue.item(row) for row in progress.rows)
    return Finished(tuple(progress.rows), items, len(added), rejected, misspelled)


def _misspelled(catalogue: Catalogue, drafted: Draft) -> frozenset[int]:
    if drafted.text is None:
        return frozenset()
    known = [catalogue.spelling(r) if 0 <= r < catalogue.size else "" for r in drafted.rows]
    return frozenset(misread(drafted.text, known))
