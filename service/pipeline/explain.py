"""Why an item stands in a list, in words for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from service.domain import Controls, Item
from service.pipeline.brief import Brief
from service.pipeline.finish import Finished
from service.ports import Catalogue

ALIKE: Final = 0.35
"""Cosine from which two titles are called alike."""

RECENT: Final = 20
"""How many of the latest items of a history a reason may name."""


def reasons(catalogue: Catalogue, brief: Brief, finished: Finished) -> list[str]:
    """One line an item: what allows it, and what it resembles."""
    alike = _alike(catalogue, brief.history.rows[-RECENT:].tolist(), finished.rows)
    return [
        "; ".join((*_allowed(item, brief.kept), *like)) or "nothing rules it out"
        for item, like in zip(finished.items, alike, strict=True)
    ]


def _allowed(item: Item, controls: Controls) -> list[str]:
    """Which controls the item counts for."""
    held = set(item.categories)
    wanted = [category for category in controls.include if category in held]
    shares = [share for share in controls.shares if share.category in held]
    return [
        *(f"in {category}, as asked" for category in wanted[:1]),
        *(f"counts for {share.category} {share.op} {share.percent}" for share in shares),
        *(["in none of the excluded categories"] if controls.exclude else []),
    ]


def _alike(catalogue: Catalogue, history: list[int], rows: Sequence[int]) -> list[list[str]]:
    if not history or catalogue.embeddings is None:
        return [[] for _ in rows]
    past = np.asarray(catalogue.embeddings[history], dtype=np.float32)
    cosines = np.asarray(catalogue.embeddings[list(rows)], dtype=np.float32) @ past.T
    nearest = cosines.argmax(axis=1)
    return [
        [f"like {catalogue.item(history[at]).title}"] if cosines[i, at] >= ALIKE else []
        for i, at in enumerate(nearest.tolist())
    ]
