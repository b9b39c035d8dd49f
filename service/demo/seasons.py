"""When things are wanted: a curve over the months for each kind of product."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final

from service.demo.habits import TRENDS
from service.demo.shop import DAYS
from service.demo.vocabulary import Kind

FIRST_DAY: Final = date(2024, 1, 1)
FIRST_SECOND: Final = 1_704_067_200  # of that day, UTC
MONTHS: Final = 12
FLAT: Final = (1.0,) * MONTHS

#               Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec
SPRING: Final = (0.3, 0.8, 2.6, 3.4, 3.0, 1.6, 0.8, 0.5, 0.5, 0.4, 0.2, 0.2)
SUMMER: Final = (0.2, 0.2, 0.5, 1.2, 2.4, 3.2, 3.2, 2.2, 0.7, 0.2, 0.2, 0.3)
AUTUMN: Final = (0.6, 0.5, 0.5, 0.4, 0.3, 0.3, 0.3, 0.7, 2.6, 3.4, 1.8, 0.8)
WINTER: Final = (2.4, 1.8, 0.8, 0.3, 0.2, 0.1, 0.1, 0.2, 0.6, 1.8, 2.8, 2.8)
FESTIVE: Final = (0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.05, 0.2, 1.2, 6.0, 8.0)
SCHOOL: Final = (0.7, 0.4, 0.3, 0.4, 0.3, 0.5, 2.0, 6.0, 2.4, 0.5, 0.3, 0.3)
RESOLVE: Final = (3.4, 1.8, 1.2, 1.0, 0.9, 0.8, 0.7, 0.7, 1.2, 0.8, 0.6, 0.5)
GIVING: Final = (0.7, 0.9, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.8, 1.0, 2.0, 2.6)

CURVES: Final = {
    "Spring Bulbs": AUTUMN, "Birthday Card": FLAT, "Bird Seed Mix": WINTER, "Chocolate Bar": FLAT,
    "Cool Box": SUMMER, "Swimsuit": SUMMER, "Swim Shorts": SUMMER, "Sandals": SUMMER,
    "Summer Dress": SUMMER, "Shorts": SUMMER, "Linen Shirt": SUMMER, "Sun Hat": SUMMER,
    "Insect Repellent": SUMMER, "Beanie": WINTER, "Scarf": WINTER, "Knitted Gloves": WINTER,
    "Wool Coat": WINTER, "Puffer Jacket": WINTER, "Hot Chocolate": WINTER, "Slippers": WINTER,
    "Planner": RESOLVE, "House Plant": FLAT, "Fire Pit": AUTUMN, "Wellington Boots": AUTUMN,
    "Raincoat": AUTUMN, "Wall Paint": SPRING, "Garden Tools": SPRING, "Seeds & Bulbs": SPRING,
    "Pots & Planters": SPRING, "Watering": SUMMER, "Garden Furniture": SUMMER, "Barbecue": SUMMER,
    "Outdoor Play": SUMMER, "Sun Care": SUMMER, "Sunglasses": SUMMER, "Tents & Shelters": SUMMER,
    "Sleeping Gear": SUMMER, "Camp Kitchen": SUMMER, "Winter Sports": WINTER, "Knitwear": WINTER,
    "Strength Training": RESOLVE, "Yoga & Pilates": RESOLVE, "Running": RESOLVE,
    "Christmas": FESTIVE, "Hampers": FESTIVE, "Back to School": SCHOOL, "Gifts": GIVING,
}  # fmt: skip
"""Looked up by kind, then category, then cross-cutting category, the earliest here first."""

TRADE: Final = (1.0, 0.85, 0.95, 1.0, 1.0, 0.95, 0.9, 1.0, 1.05, 1.1, 1.6, 1.7)
"""How busy the whole shop is, month by month."""


@cache
def month_of(day: int) -> int:
    """The month, from 0, of a day of the shop's two years."""
    return (FIRST_DAY + timedelta(days=day)).month - 1


def curve(kind: Kind) -> tuple[float, ...]:
    """How much a kind is wanted in each month."""
    tags = (tag for tag in CURVES if tag in kind.tags)
    return next(
        (CURVES[name] for name in (kind.noun, kind.category, *tags) if name in CURVES), FLAT
    )


def trend(kind: Kind, day: int) -> float:
    """How a kind's following stands on a day."""
    start, end = TRENDS.get(kind.noun, (1.0, 1.0))
    return start + (end - start) * day / DAYS
