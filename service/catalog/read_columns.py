"""Which column is which: names that say it themselves, or the caller's word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.catalog.read_tables import Table
from service.errors import BadCatalogue

_KEYS: Final = (
    "item_id",
    "product_id",
    "movie_id",
    "asin",
    "parent_asin",
    "sku",
    "article_id",
    "book_id",
    "track_id",
    "song_id",
    "video_id",
    "news_id",
    "game_id",
    "recipe_id",
)
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", *_KEYS),
    "title": (
        "title",
        "name",
        "item_title",
        "item_name",
        "product_title",
        "product_name",
        "movie_title",
        "movie_name",
        "book_title",
        "track_name",
    ),
    "categories": (
        "categories",
        "category",
        "genres",
        "genre",
        "class",
        "product_category",
        "category_name",
        "main_category",
        "department",
        "tags",
    ),
    "user": ("user", "user_id", "uid", "customer_id", "reviewer_id", "visitor_id", "member_id"),
    "item": ("item", *_KEYS),  # not "id": in a file of events that is the event's own
    "timestamp": (
        "timestamp",
        "ts",
        "time",
        "datetime",
        "date",
        "event_time",
        "created_at",
        "unix_review_time",
        "review_time",
    ),
}
"""The names looked for, the most telling first; case, "_" and "-" do not matter."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The column of each role, and what is to be said of those for which none was found."""

    names: Mapping[str, str]
    complaint: str

    def __getitem__(self, role: str) -> str:
        return self.names[role]


def choose(
    table: Table, needed: tuple[str, ...], given: Mapping[str, str], optional: tuple[str, ...] = ()
) -> Chosen:
    """Find the columns; BadCatalogue if the header lacks one that is needed or has one twice."""
    roles = (*needed, *optional)
    found = {role: _find(table.names, role, given) for role in roles}
    # What the caller names must be there, needed or not.
    missing = tuple(r for r in roles if found[r] is None and (r in needed or r in given))
    complaint = "; ".join(_complaint(table, role, given) for role in missing)
    advice = _advice(missing)
    if table.headed:
        if missing:
            raise BadCatalogue(complaint, hint=advice)
        _refuse_twins(table)
    # Without a header, later rows may still have what the first ones lack.
    names = {role: name or given.get(role, role) for role, name in found.items()}
    return Chosen(names, f"{complaint}. {advice}" if missing else "")


def check_roles(given: Mapping[str, str]) -> None:
    """Refuse an override of something that is no role."""
    for role in given:
        if role not in ALIASES:
            raise BadCatalogue(f"columns: {role!r} is none of {', '.join(ALIASES)}")


def _find(names: tuple[str, ...], role: str, given: Mapping[str, str]) -> str | None:
    if role in given:
        return given[role] if given[role] in names else None
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    # Whoever says which column holds the items' ids most likely means the events' too.
    also = (given["id"],) if role == "item" and "id" in given else ()
    wanted = map(_plain, (*also, *ALIASES[role]))
    return next((plain[name] for name in wanted if name in plain), None)


def _complaint(table: Table, role: str, given: Mapping[str, str]) -> str:
    wanted = given[role] if role in given else ", ".join(ALIASES[role])
    found = ", ".join(map(repr, table.names)) or "no columns"
    looked = f"looked for {wanted}; found {found}{table.layout}"
    return f"{table.path.name}: no column for {role}: {looked}"


def _advice(missing: Sequence[str]) -> str:
    """How the command that reads catalogues is told which column is which."""
    options = " ".join(f"--column {role}=NAME" for role in missing)
    return f"Say which it is, by the name it has: {options}"


def _refuse_twins(table: Table) -> None:
    twins = [name for name, times in Counter(table.names).items() if times > 1]
    if twins:
        raise BadCatalogue(f"{table.path.name}: two columns have one name: {', '.join(twins)}")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
