"""What requests are made on: a data set, the catalogue built of what may be learnt, and k."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from models.data.dataset import Dataset
from models.data.split import Split
from models.data.wishes import Rarity
from service.domain import Controls, Intent, Item, RecommendRequest
from service.ports import Catalogue
from service.steering.arrays import IntArray
from service.steering.plan import Stock, compile_plan
from service.steering.progress import Progress

PATIENCE_MS: Final = 600_000
"""Quality is measured here, not speed: nothing is left out for being late."""

RARE: Final = 5
"""An item met fewer times than this, in what was learnt from, is rare."""


@dataclass(frozen=True)
class Ground:
    """Where the requests of all tasks come from."""

    split: Split
    catalogue: Catalogue
    k: int
    meanings: Mapping[str, str] = field(default_factory=dict)
    """Other words for categories, as far as there are some."""

    @property
    def dataset(self) -> Dataset:
        """Whose users and items they are."""
        return self.split.dataset

    @cached_property
    def rarity(self) -> Rarity:
        """How rare the words of titles are."""
        return Rarity.among(self.dataset.source.items)

    @cached_property
    def met(self) -> IntArray:
        """How often each item was met in what was learnt from."""
        train = [np.zeros(0, dtype=np.int64), *self.split.train]
        return np.bincount(np.concatenate(train), minlength=self.dataset.size)

    @cached_property
    def rows(self) -> IntArray:
        """The catalogue's row of each of the data set's items."""
        return self.catalogue.rows(self.dataset.ids)

    def item(self, place: int) -> Item:
        """An item of the data set."""
        return self.dataset.source.items[place]

    def rare(self, place: int) -> bool:
        """Whether little was learnt of it."""
        return int(self.met[place]) < RARE

    def categories_of(self, history: IntArray) -> Counter[str]:
        """How many items of a history have each category."""
        return Counter(name for place in history.tolist() for name in self.item(place).categories)

    def request(
        self, history: IntArray, controls: Controls | None = None, target: int | None = None
    ) -> RecommendRequest | None:
        """The request of a history; None if no list obeys it, or none that has the target."""
        wanted = controls or Controls()
        stock = Stock(self.catalogue.size, self.catalogue.postings, np.unique(self.rows[history]))
        plan = compile_plan(stock, wanted, self.k)
        if not plan.feasible:
            return None
        if target is not None and not Progress(plan).may_take(int(self.rows[target])):
            return None
        return RecommendRequest(
            k=self.k,
            history=tuple(self.dataset.ids[place] for place in history.tolist()),
            intent=Intent(controls=wanted),
            deadline_ms=PATIENCE_MS,
        )
