"""The demo shop's products: a few thousand, made from the shelves, always the same for a seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.demo.dice import Dice
from service.demo.shelves import kinds
from service.demo.vocabulary import Brand, Kind
from service.domain import Item

DAYS: Final = 731
"""How long the shop has been watched: two years, one of them a leap year."""

NEW_FOR_DAYS: Final = 60
LAUNCHED_LATER: Final = 0.2
UNSOLD: Final = 0.03
SMALL_GIFT_CENTS: Final = 1500
LINE_USED: Final = 0.75
OPTIONS_PER_FAMILY: Final = 3

TIER_LEVELS: Final = (0.08, 0.3, 0.55)
"""Where in its kind's price range a cheap, an ordinary and a dear brand begins."""

PRICE_TAGS: Final = ((1_000, 50, 1), (8_000, 100, 1), (20_000, 500, 100), (100_000, 1_000, 100))
"""Below so many cents: the step between prices, and how much less than a full step is asked."""

SIZE: Final = re.compile(
    r"\d|A\d|(Pack|Box|Set|Can|Roll|Size|Small|Medium|Large|Single|Double|King|Twin|Pair)\b"
    r"|(Standard|Paperback|Board Book|Hardcover|Limited|Packet|Organic Packet|Pocket)\b"
)
"""Options that say how much one gets; where all do, they stand from small to large."""

CHEAPER: Final = re.compile(r"Refurbished|Kids'|Boys'|Girls'|\bMini\b")

SIGNS: Final = {
    "Women": ("Women's", "Girls'"),
    "Men": ("Men's", "Boys'"),
    "Kids": ("Kids'", "Kids", "Girls'", "Boys'"),
    "Vegan": ("Vegan",),
    "Eco-Friendly": (
        "Organic", "Recycled", "Bamboo", "Compostable", "Biodegradable", "Refill",
        "Refillable", "Reusable", "Sustainable", "Unbleached", "Eco",
    ),
    "Travel": ("Travel", "Packable"),
    "Limited Edition": ("Limited",),
    "Refurbished": ("Refurbished",),
}  # fmt: skip
"""Words of a title that put a product into a category besides its own."""


@dataclass(frozen=True, slots=True)
class Product:
    """An item with what the shoppers' simulation needs to know of it."""

    id: str
    title: str
    categories: tuple[str, ...]
    kind: Kind
    brand: Brand
    line: str
    style: str
    option: str
    cents: int
    launched: int
    appeal: float

    @property
    def item(self) -> Item:
        """What the catalogue is told."""
        return Item(
            self.id,
            self.title,
            self.categories,
            {"price": self.cents / 100, "brand": self.brand.name, "type": self.kind.noun},
        )


@dataclass(frozen=True, slots=True)
class _Make:
    """What a product is, before it has a price or a number."""

    kind: Kind
    brand: Brand
    line: str
    style: str
    option: str

    @property
    def title(self) -> str:
        maker = (self.brand.name, self.line) if self.kind.branded else ()
        noun = (self.kind.noun,) if self.kind.branded else ()
        body = " ".join(part for part in (*maker, self.style, *noun) if part)
        return f"{body}, {self.option}" if self.option else body


def stock(seed: int) -> tuple[Product, ...]:
    """Every product of the shop, in the order of its ids; titles are distinct."""
    made = [(make, rank) for kind in kinds() for rank, make in enumerate(_makes(kind, seed))]
    numbered = Dice(seed, "numbers").shuffled(made)
    return tuple(_product(make, rank, at, seed) for at, (make, rank) in enumerate(numbered))


def _makes(kind: Kind, seed: int) -> list[_Make]:
    """Some of all the things a kind could be, the best liked first."""
    dice = Dice(seed, "stock", kind.noun)
    families = dice.shuffled(list(_families(kind, dice)))
    room = -(-kind.count // len(families))
    chosen: list[_Make] = []
    for brand, line, style in families:
        options = dice.shuffled(kind.options)
        width = max(room, dice.between(1, OPTIONS_PER_FAMILY))
        chosen += [_Make(kind, brand, line, style, option) for option in options[:width]]
    return dice.shuffled(chosen[: kind.count])


def _families(kind: Kind, dice: Dice) -> Iterator[tuple[Brand, str, str]]:
    if not kind.branded:
        for style in kind.styles:
            yield _maker_named(kind, style) or dice.pick(kind.brands), "", style
        return
    for brand in kind.brands:
        for style in kind.styles:
            line = dice.pick(brand.lines) if brand.lines and dice.chance(LINE_USED) else ""
            yield brand, line, style


def _maker_named(kind: Kind, style: str) -> Brand | None:
    return next((brand for brand in kind.brands if style.startswith(brand.name)), None)


def _product(make: _Make, rank: int, at: int, seed: int) -> Product:
    dice = Dice(seed, "product", make.title)
    cents = _cents(make)
    launched = _launched(make, dice)
    return Product(
        id=f"P{at + 1:05d}",
        title=make.title,
        categories=_categories(make, cents, launched),
        kind=make.kind,
        brand=make.brand,
        line=make.line,
        style=make.style,
        option=make.option,
        cents=cents,
        launched=launched,
        appeal=0.0 if dice.chance(UNSOLD) else 1 / (1 + rank),
    )


def _launched(make: _Make, dice: Dice) -> int:
    """The day a product was first sold; most have been there from the start."""
    later = "2nd Generation" in make.option or dice.chance(LAUNCHED_LATER)
    return dice.between(30, DAYS - 1) if later else 0


def _cents(make: _Make) -> int:
    """Dear brands and large sizes cost more; one family's colours cost the same."""
    kind = make.kind
    family = Dice("price", kind.noun, make.brand.name, make.line, make.style)
    level = TIER_LEVELS[make.brand.tier] + 0.15 * family.unit()
    if len(kind.options) > 1 and all(SIZE.match(option) for option in kind.options):
        level += 0.3 * kind.options.index(make.option) / (len(kind.options) - 1)
    if CHEAPER.search(make.title):
        level *= 0.6
    return _price_tag(int(100 * (kind.low + level * (kind.high - kind.low))))


def _price_tag(cents: int) -> int:
    """An amount as shops write it: 4.49, 23.99, 149.00."""
    _, step, less = next(rule for rule in PRICE_TAGS if cents < rule[0])
    return cents // step * step + step - less


def _categories(make: _Make, cents: int, launched: int) -> tuple[str, ...]:
    """Department and category first, then those that cut across."""
    words = set(re.findall(r"[\w'-]+", make.title))
    tags = [*make.kind.tags, *(tag for tag, signs in SIGNS.items() if words & set(signs))]
    if "Gifts" in tags and cents < SMALL_GIFT_CENTS:
        tags.append("Gifts Under 15")
    if launched >= DAYS - NEW_FOR_DAYS:
        tags.append("New In")
    return tuple(dict.fromkeys((make.kind.department, make.kind.category, *tags)))
