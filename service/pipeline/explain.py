"""Why an item stands in a list, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from service.domain import Controls, Item
from service.pipeline.blend import MENTIONS, POPULARITY, SASREC, SEARCH
from service.pipeline.brief import Brief
from service.pipeline.candidates import Said
from service.ports import Catalogue
from service.prompts.wishes import BOUNDS
from service.steering.arrays import FloatArray, IntArray

ALIKE: Final = 0.35
"""Cosine from which two titles are called alike."""

RECENT: Final = 20
"""How many of the latest items of a history a reason may name."""

LIKED: Final = 3
"""How many of a retriever's best, for each line of the list, it is told to have liked."""

LEAST: Final[Mapping[str, float]] = {MENTIONS: 0.0, SEARCH: ALIKE, SASREC: 1.0, POPULARITY: 1.0}
"""What a retriever has to say more than, whoever else it likes less: that a category is named; a
cosine; and nats above what each item would have if all were equal."""

WORDS: Final[Mapping[str, str]] = {
    MENTIONS: "of a category in your words",
    SEARCH: "close to your words",
}
HABITS: Final[Mapping[str, str]] = {
    SASREC: "often met next after such a history",
    POPULARITY: "popular",
}
"""What is said where one of these likes an item; the first that does of each."""


class Explainer:
    """One line an item: what allows it, who likes it, and what it resembles."""

    def __init__(self, catalogue: Catalogue, brief: Brief) -> None:
        self._catalogue = catalogue
        self._controls = brief.kept
        self._past = brief.history.rows[-RECENT:].tolist()
        self._liked = _liked(brief.found.said, LIKED * brief.plan.k)

    def reason(self, row: int, item: Item) -> str:
        """Why this item may stand, and stands."""
        likes = [*self._by(WORDS, row), *(self._alike(row) or self._by(HABITS, row))]
        return "; ".join([*_allowed(item, self._controls), *likes]) or "nothing rules it out"

    def _by(self, tellers: Mapping[str, str], row: int) -> list[str]:
        told = [said for name, said in tellers.items() if row in self._liked.get(name, ())]
        return told[:1]

    def _alike(self, row: int) -> list[str]:
        embeddings = self._catalogue.embeddings
        if embeddings is None or not self._past:
            return []
        past = np.asarray(embeddings[self._past], dtype=np.float32)
        cosines = past @ np.asarray(embeddings[row], dtype=np.float32)
        nearest = int(cosines.argmax())
        if cosines[nearest] < ALIKE:
            return []
        return [f"like {self._catalogue.item(self._past[nearest]).title}"]


def _liked(said: Said, most: int) -> dict[str, frozenset[int]]:
    """The rows that each retriever likes best, of those that it has something good to say of."""
    return {
        name: _best(said.rows, said.by[name], most, least)
        for name, least in LEAST.items()
        if name in said.by
    }


def _best(rows: IntArray, scores: FloatArray, most: int, least: float) -> frozenset[int]:
    known = np.where(np.isfinite(scores), scores, -np.inf)
    order = np.argsort(-known, kind="stable")[:most]
    return frozenset(rows[order][known[order] > least].tolist())


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
