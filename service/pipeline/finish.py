"""Repair: what a draft lacks is selected from the candidates, under the same plan."""

from __future__ import annotations

from service.domain import Path, Source
from service.pipeline.aside import aside, soon
from service.pipeline.brief import Brief
from service.pipeline.draft import Draft
from service.pipeline.galley import Galley
from service.steering.select import select


async def finish(brief: Brief, drafted: Draft, galley: Galley) -> int:
    """Fill the galley; how many lines stand in for what the model should have made."""
    at_once = soon(len(brief.plan.class_of_row), brief.plan.k)
    added = await aside(at_once, select, galley.progress, brief.found.prior)
    source = Source.REPAIR if drafted.path is Path.LLM else Source(drafted.path)
    galley.fill(added, source)
    return sum(line.source is Source.REPAIR for line in galley.lines)
