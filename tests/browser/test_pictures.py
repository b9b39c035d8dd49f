"""The documentation's pictures: all are there and shown, none is heavy, and none is of long ago."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ground import REPOSITORY
from pictures import PICTURES, Scene, few, fixed, words_of
from PIL import Image, ImageChops
from playwright.async_api import Browser
from serving import Service

DOCS = REPOSITORY / "docs"
MOST_BYTES = 200_000

BAZAAR: dict[str, Any] = {
    "user": "ann",
    "text": "a rainy day",
    "strategy": "generate",
    "k": 7,
    "exclude": ["Garden"],
    "shares": [
        {"category": "Gifts", "op": ">=", "percent": 50},
        {"category": "Kitchen", "op": "<=", "percent": 30},
    ],
}
WISHES = {
    "listed": BAZAAR,
    "compared": BAZAAR | {"k": 5, "text": "", "shares": BAZAAR["shares"][:1]},
    "impossible": BAZAAR | {"include": ["Tools"], "k": 8},
}


def test_each_picture_is_shown_and_each_that_is_shown_exists() -> None:
    shown = {
        target
        for page in DOCS.glob("*.md")
        for target in re.findall(r"!\[[^]]+\]\(pictures/([^)]+)\)", page.read_text("utf-8"))
    }
    assert shown == {path.name for path in (DOCS / "pictures").iterdir()}


def test_none_is_heavy() -> None:
    heavy = [path for path in (DOCS / "pictures").iterdir() if path.stat().st_size > MOST_BYTES]
    assert heavy == []


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_is_of_the_page_as_it_is(
    browser: Browser, shop: Service, tmp_path: Path, name: str
) -> None:
    """Made again in another shop it has the same words; else `make pictures` makes it anew."""
    await PICTURES[name](Scene(browser, shop, tmp_path, **WISHES), name)
    now = words_of(tmp_path / f"{name}.png")
    assert len(now) > 12
    assert words_of(DOCS / "pictures" / f"{name}.png") == now


def test_few_colours_are_the_colours_there_were() -> None:
    """A dot of a category's colour is a few pixels among a million, and next to others like it."""
    picture = Image.new("RGB", (512, 512), "white")
    for place in range(400):
        grey = place // 2
        picture.paste((grey, grey, grey), (place, 0, place + 1, 512))
    dots = [(207, 77, 163), (206, 96, 60), (60, 140, 110), (64, 139, 142), (143, 146, 0)]
    for place, colour in enumerate(dots):
        picture.putpixel((500, 10 * place), colour)
    kept = few(picture).convert("RGB")
    amiss = ImageChops.difference(picture, kept).getextrema()
    assert max(most for _, most in amiss) <= 8


def test_what_is_of_a_shop_or_counted_is_no_word_of_the_page() -> None:
    texts = [
        "nothing of Books",
        "12 items met in 14 events",
        "3 items met",
        "Stages, 1.2 s in all",
        "ranker",
        "Verify",
    ]
    told = ["# item met", "Stages, # time in all", "Verify", "nothing of …"]
    assert fixed(texts, {"Books"}) == told
