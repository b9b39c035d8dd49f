"""The notation of the shelves: what a department stocks, as text a merchandiser could edit.

    [Category] Brand+, Brand (Line, Line), Brand-        dear, ordinary and cheap brands
    [Category] by Publisher, Publisher                   brands that stay out of the title
    Noun | low-high | style / style | option / option | tag, tag | x12

A product is titled "Brand Line Style Noun, Option"; under `by`, the style alone is the title's
body. "-" stands for nothing. A line that starts with a space continues the one before. `x12` says
how many products to stock, where the usual number does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

USUAL_COUNT: Final = 4


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented maker; tier 0 is cheap, 1 ordinary, 2 dear."""

    name: str
    tier: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of product: everything that could replace one another."""

    noun: str
    department: str
    category: str
    brands: tuple[Brand, ...]
    branded: bool
    low: int
    high: int
    styles: tuple[str, ...]
    options: tuple[str, ...]
    tags: tuple[str, ...]
    count: int


def parse(department: str, text: str) -> Iterator[Kind]:
    """Every kind of product on one department's shelves."""
    category, branded = "", True
    brands: tuple[Brand, ...] = ()
    for line in text.strip().replace("\n ", " ").splitlines():
        if line.startswith("["):
            category, _, makers = line[1:].partition("] ")
            branded = not makers.startswith("by ")
            brands = _brands(makers.removeprefix("by "))
        elif line:
            yield _kind(line, department, category, brands, branded=branded)


def _brands(makers: str) -> tuple[Brand, ...]:
    names = makers.replace(" (", "(").replace(", ", ";").split(";")
    joined: list[str] = []
    for name in names:
        if joined and "(" in joined[-1] and ")" not in joined[-1]:
            joined[-1] += f";{name}"
        else:
            joined.append(name)
    return tuple(_brand(name) for name in joined)


def _brand(text: str) -> Brand:
    name, _, lines = text.removesuffix(")").partition("(")
    tier = {"-": 0, "+": 2}.get(name[-1], 1)
    return Brand(name.rstrip("+-"), tier, tuple(lines.split(";")) if lines else ())


def _kind(
    line: str, department: str, category: str, brands: tuple[Brand, ...], *, branded: bool
) -> Kind:
    fields = [field.strip() for field in line.split("|")]
    count = int(fields.pop()[1:]) if _is_count(fields[-1]) else USUAL_COUNT
    noun, prices, *rest = fields
    styles, options, tags = (*rest, "-", "-", "-")[:3]
    low, high = prices.split("-")
    return Kind(
        noun=noun,
        department=department,
        category=category,
        brands=brands,
        branded=branded,
        low=int(low),
        high=int(high),
        styles=_split(styles, "/") or ("",),
        options=_split(options, "/") or ("",),
        tags=tuple(tag for tag in _split(tags, ",") if tag),
        count=count,
    )


def _is_count(field: str) -> bool:
    return field[0] == "x" and field[1:].isdigit()


def _split(field: str, separator: str) -> tuple[str, ...]:
    """The parts of a field, "-" read as nothing."""
    spaced = f" {separator} " if separator == "/" else separator
    parts = (part.strip() for part in field.split(spaced))
    return tuple("" if part == "-" else part for part in parts)
