"""What tuning has users say: words of what they are after, of what is like it, or of neither."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from toyshop import ToyCatalogue

from models.data.wishes import KINDRED, UNCLEAR
from models.tune.tune import wish_in
from service.domain import Item

ASKED = 4_000

TREES = ["Alder", "Birch", "Cedar", "Elder"]
BIRDS = ["Finch", "Goose", "Heron", "Raven", "Stork", "Swift"]
CATALOGUE = ToyCatalogue(
    [
        *(Item(title, title, ("Wood",)) for title in TREES),
        *(Item(title, title, ("Wing",)) for title in BIRDS),
        *(Item(title, title) for title in ("Quartz", "Basalt")),
    ]
)


def named_for(title: str) -> Counter[str]:
    """How often each title was in a sentence of those who are after one of them."""
    (row,) = CATALOGUE.rows([title])
    dice, wish = np.random.default_rng(1), wish_in(CATALOGUE)
    texts = [
        intent.text.lower() for _ in range(ASKED) for intent in wish(int(row), dice) if intent.text
    ]
    return Counter(
        {item.title: sum(item.title.lower() in text for text in texts) for item in CATALOGUE.items}
    )


@pytest.mark.parametrize(("after", "like_it"), [("Cedar", TREES), ("Raven", BIRDS)])
def test_half_say_what_they_are_after_and_some_what_is_like_it(
    after: str, like_it: list[str]
) -> None:
    named = named_for(after)
    assert named.total() == ASKED
    stray = UNCLEAR / CATALOGUE.size
    for title in (item.title for item in CATALOGUE.items):
        chance = stray + KINDRED / len(like_it) * (title in like_it)
        chance += (1 - UNCLEAR - KINDRED) * (title == after)
        assert named[title] / ASKED == pytest.approx(chance, abs=0.03), title


def test_what_stands_on_no_shelf_is_like_nothing() -> None:
    named = named_for("Quartz")
    assert named["Quartz"] / ASKED == pytest.approx(1 - UNCLEAR, abs=0.04)
    assert named["Basalt"] / ASKED < 0.05
