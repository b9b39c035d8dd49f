"""Why an item stands in a list, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from service.domain import Controls, Item, Op
from service.pipeline.brief import Brief
from service.ports import Catalogue

ALIKE: Final = 0.35
"""Cosine from which two titles are called alike."""

BOUNDS: Final[Mapping[Op, str]] = {
    Op.AT_MOST: "at most",
    Op.AT_LEAST: "at least",
    Op.ABOUT: "about",
}

RECENT: Final = 20
"""How many of the latest items of a history a reason may name."""


class Explainer:
    """One line an item: what allows it, and what it resembles."""

    def __init__(self, catalogue: Catalogue, brief: Brief) -> None:
        self._catalogue = catalogue
        self._controls = brief.kept
        self._past = brief.history.rows[-RECENT:].tolist()

    def reason(self, row: int, item: Item) -> str:
        """Why this item may stand, and stands."""
        because = [*_allowed(item, self._controls), *self._alike(row)]
        return "; ".join(because) or "nothing rules it out"

    def _alike(self, row: int) -> Iterator[str]:
        embeddings = self._catalogue.embeddings
        if embeddings is None or not self._past:
            return
        past = np.asarray(embeddings[self._past], dtype=np.float32)
        cosines = past @ np.asarray(embeddings[row], dtype=np.float32)
        nearest = int(cosines.argmax())
        if cosines[nearest] >= ALIKE:
            yield f"like {self._catalogue.item(self._past[nearest]).title}"


def _allowed(item: Item, controls: Controls) -> Iterator[str]:
    """Which controls the item counts for."""
    held = set(item.categories)
    wanted = [category for category in controls.include if category in held]
    yield from (f"in {category}, as asked" for category in wanted[:1])
    for share in controls.shares:
        if share.category in held:
            yield f"counts for {share.category} ({BOUNDS[share.op]} {share.percent})"
    if controls.exclude:
        yield "in none of the excluded categories"
