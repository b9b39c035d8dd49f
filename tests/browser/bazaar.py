"""The shop that the browser visits: invented products whose categories overlap, and their buyers.

Some names in it are what a page must not mistake for markup, and what it must not be led by.
"""

from __future__ import annotations

from pathlib import Path

from bookcase import source

from service.catalog.read import Source
from service.domain import Item

THINGS = {
    "Kettle": ("Kitchen", "Tea"),
    "Teapot": ("Kitchen", "Tea", "Gifts"),
    "Bread Knife": ("Kitchen", "Tools"),
    "Lunch Box": ("Kitchen", "Travel"),
    "Flask": ("Travel", "Tea", "Outdoor"),
    "Rucksack": ("Travel", "Outdoor"),
    "Head Torch": ("Outdoor", "Lights", "Tools"),
    "Sleeping Bag": ("Outdoor", "Winter"),
    "Wool Hat": ("Clothes", "Winter"),
    "Rain Jacket": ("Clothes", "Outdoor"),
    "Scarf": ("Clothes", "Winter", "Gifts"),
    "Desk Lamp": ("Office", "Lights"),
    "Notebook": ("Office", "Gifts"),
    "Fountain Pen": ("Office", "Gifts"),
    "Jigsaw": ("Games", "Gifts"),
    "Chess Set": ("Games", "Gifts"),
    "Card Game": ("Games", "Travel"),
    "Watering Can": ("Garden", "Tools"),
    "Seed Box": ("Garden", "Gifts"),
    "Garden Lantern": ("Garden", "Lights"),
}
STYLES = (
    *("Plain", "Folding", "Small", "Large", "Blue", "Green", "Red", "Grey"),
    *("Light", "Sturdy", "Classic", "Striped", "Quiet", "Bright"),
)

ODD = "Odd <b>&\"'</b>"
"""A category whose name is markup, and quotes of both kinds."""
ODD_TITLES = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(2)">',
    "It's \"quoted\" 'twice' \\ and once more `so`",
    "إبريق شاي أزرق",
    "Brew 茶 🫖 für Ömer $(id) %s {0}",
    "</pre></script><svg onload=alert(3)>",
    "javascript:alert(4)",
    "--data @/etc/passwd",
)
ODD_USER = 'o\'neil "x" <b>&?#/%41'
"""Met two of the odd items."""

USER = "ann"
"""Met enough for the retrievers to know something."""
USERS = (USER, *(f"buyer-{number:02}" for number in range(24)), ODD_USER)


def items() -> list[Item]:
    plain = [
        Item(f"p{place:03}", f"{style} {thing}", (*categories, *_of(style)))
        for place, (style, thing, categories) in enumerate(
            (style, thing, categories) for style in STYLES for thing, categories in THINGS.items()
        )
    ]
    odd = [Item(f"o{place}", title, (ODD, "Gifts")) for place, title in enumerate(ODD_TITLES)]
    return plain + odd


def _of(style: str) -> tuple[str, ...]:
    return ("Colourful",) if style in {"Blue", "Green", "Red", "Striped"} else ()


def events() -> list[tuple[str, str, float]]:
    """Who met what when: a user's items are near one another; the first users met most."""
    count = len(THINGS) * len(STYLES)
    met = [
        (user, f"p{(17 * number + 20 * step + step * step) % count:03}", 1e6 + 60 * step + number)
        for number, user in enumerate(USERS[:-1])
        for step in range(12 - number // 3)
    ]
    return [*met, (ODD_USER, "o0", 1e6), (ODD_USER, "o2", 1e6 + 1)]


def bazaar(folder: Path) -> Source:
    return source(folder, items(), events())
