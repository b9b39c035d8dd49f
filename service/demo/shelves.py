"""All the shop's kinds of product, department by department."""

from __future__ import annotations

from functools import cache
from typing import Final

from service.demo import (
    shelves_home,
    shelves_outdoors,
    shelves_people,
    shelves_play,
    shelves_tech,
)
from service.demo.vocabulary import Kind, parse

DEPARTMENTS: Final = {
    "Electronics": shelves_tech.ELECTRONICS,
    "Music": shelves_tech.MUSIC,
    "Kitchen & Dining": shelves_home.KITCHEN,
    "Food & Drink": shelves_home.FOOD,
    "Home & Living": shelves_home.HOME,
    "DIY & Workshop": shelves_home.WORKSHOP,
    "Garden": shelves_outdoors.GARDEN,
    "Camping & Travel Gear": shelves_outdoors.OUTDOOR,
    "Sports & Fitness": shelves_outdoors.SPORT,
    "Clothing": shelves_people.CLOTHING,
    "Shoes & Accessories": shelves_people.ACCESSORIES,
    "Beauty & Care": shelves_people.BEAUTY,
    "Baby": shelves_people.BABY,
    "Toys & Games": shelves_play.TOYS,
    "Books": shelves_play.BOOKS,
    "Stationery & Art": shelves_play.STATIONERY,
    "Pets": shelves_play.PETS,
}


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of product the shop stocks."""
    return tuple(kind for name, text in DEPARTMENTS.items() for kind in parse(name, text))
