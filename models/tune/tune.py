"""Tuning: blends first, then the strategies that use them; all on validation data alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.data.split import Case, sampled
from models.data.wishes import AIMLESS, KINDRED, STRAY, Rarity, aimless, described, wishes_of
from models.tune.asked import Wish, asked_of
from models.tune.blends import Report, blends_of
from models.tune.strategies import measured
from models.tune.voices import NAMED, Ground
from service.domain import Controls, Intent, Item
from service.pipeline.candidates import popularity
from service.pipeline.parts import Recommender
from service.ports import Catalogue
from service.steering.arrays import IntArray
from service.tuning import Tuning


def _silent(_stage: str, _done: int, _total: int) -> None:
    """For whoever waits for the end."""


@dataclass(frozen=True, slots=True)
class How:
    """How much is looked at."""

    cases: int = 1_000
    """Requests of each situation that a blend is fitted on, at most."""
    users: int = 0
    """Requests that each strategy makes lists for, without words and with; 0: none is measured."""
    seed: int = 1
    report: Report = _silent


async def tuned(parts: Recommender, cases: Sequence[Case], how: How = How()) -> Tuning:
    """What validation data say. The catalogue's popularity must not know the targets."""
    some = sampled(cases, how.cases, how.seed)
    asked = list(asked_of(some, wish_in(parts.catalogue), how.seed))
    blends = blends_of(asked, ground_of(parts), how.cases, how.seed, how.report)
    tuning = Tuning(blends)
    if not how.users:
        return tuning
    blending = replace(parts, tuning=lambda: tuning)
    return replace(
        tuning, measured=await measured(blending, asked, how.users, how.seed, how.report)
    )


def ground_of(parts: Recommender) -> Ground:
    """What the prior is made of."""
    catalogue = parts.catalogue
    return Ground(
        size=catalogue.size,
        retrievers=parts.retrievers,
        popularity=popularity(catalogue, np.arange(catalogue.size)),
        meetings=catalogue.meetings,
        popular_rows=np.asarray(catalogue.popular_rows),
        limit=min(parts.policy.candidates, NAMED),
        postings=catalogue.postings,
    )


def wish_in(catalogue: Catalogue) -> Wish:
    """Wishes for items of a catalogue: one category alone, some in a sentence, words of a title.

    Those in a sentence often mean something else than just what is met next.
    """
    rarity = Rarity.among(catalogue.item(row) for row in range(catalogue.size))

    def wish(row: int, dice: np.random.Generator) -> Sequence[Intent]:
        item = catalogue.item(row)
        wishes = (
            _controlled(item, dice),
            wishes_of(item, dice, others=catalogue.categories),
            _unnamed(row, catalogue, dice),
            rarity.query_of(item, dice),
        )
        return [intent for intent in wishes if intent is not None]

    return wish


def _unnamed(row: int, catalogue: Catalogue, dice: np.random.Generator) -> Intent | None:
    """A sentence without a category: words of the item's own title, of another's, or of neither."""
    item, fate = catalogue.item(row), dice.random()
    if fate < AIMLESS:
        return aimless(dice)
    others: IntArray = np.array([row])
    if fate < AIMLESS + STRAY:
        others = np.arange(catalogue.size)
    elif fate < AIMLESS + STRAY + KINDRED and item.categories:
        others = catalogue.postings(_one_of(item.categories, dice))
    if len(others) > 1:
        others = others[others != row]
    return described(catalogue.item(int(others[dice.integers(len(others))])), dice)


def _controlled(item: Item, dice: np.random.Generator) -> Intent | None:
    """Only items of one of its categories: among them a blend has to tell good from better."""
    if not item.categories:
        return None
    return Intent(controls=Controls(include=(_one_of(item.categories, dice),)))


def _one_of(names: Sequence[str], dice: np.random.Generator) -> str:
    return names[int(dice.integers(len(names)))]
