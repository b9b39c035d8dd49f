"""What tuning has users say: words of what they are after, of what is like it, or of neither."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from toyshop import ToyCatalogue

from models.data.wishes import AIMLESS_TUNED
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
        Item("Swan", "Swan", ("Wood", "Wing")),
    ]
)
TITLES = [item.title for item in CATALOGUE.items]


def named_for(title: str) -> Counter[str]:
    """How often each title was in a sentence of those who are after one of them."""
    (row,) = CATALOGUE.rows([title])
    dice, wish = np.random.default_rng(1), wish_in(CATALOGUE)
    said = [intent.text for _ in range(ASKED) for intent in wish(int(row), dice) if intent.text]
    named = Counter(name for text in said for name in TITLES if name.lower() in text.lower())
    named["nothing"] = sum(text in AIMLESS_TUNED for text in said)
    return named


@pytest.mark.parametrize(
    ("after", "like_it"),
    [
        ("Cedar", {"Alder", "Birch", "Elder"}),
        ("Raven", {"Finch", "Goose", "Heron", "Stork", "Swift"}),
        ("Swan", {"Alder", "Birch", "Cedar", "Elder", "Finch", "Goose", "Heron"}),
    ],
)
def test_some_say_what_they_are_after_and_some_what_is_like_it(
    after: str, like_it: set[str]
) -> None:
    named = named_for(after)
    assert named.total() == pytest.approx(ASKED, rel=0.01)
    assert named["nothing"] / ASKED == pytest.approx(0.2, abs=0.03)
    assert named[after] / ASKED == pytest.approx(0.4, abs=0.03)
    kindred = sum(named[title] for title in like_it)
    strangers = named.total() - named["nothing"] - named[after] - kindred
    assert 0.25 < kindred / ASKED < 0.4
    assert 0 < strangers / ASKED < 0.15


def test_what_stands_on_no_shelf_is_like_nothing() -> None:
    named = named_for("Quartz")
    assert named["Quartz"] / ASKED == pytest.approx(0.7, abs=0.03)
    assert 0 < named["Basalt"] / ASKED < 0.05
