"""How much a body may hold: counted before a parser sees it, against what its schema has room for.

Lists and objects are what takes a parser long, and two megabytes hold a million of them. No request
here has more than a few thousand, so that counting them first, by a few searches through the bytes,
spares this thread most of what a body can do to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from service.api.body import Body
from service.api.wording import PAGE
from service.errors import BadInput

SCALARS: Final = frozenset({"string", "integer", "number", "boolean", "null"})


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a body holds."""

    pieces: int = 0
    """Commas and what opens a list or an object: never fewer than the values, but for one."""
    containers: int = 0
    """Lists and objects."""

    def __add__(self, other: Extent) -> Extent:
        return Extent(self.pieces + other.pieces, self.containers + other.containers)

    def times(self, number: int) -> Extent:
        """So many of them."""
        return Extent(self.pieces * number, self.containers * number)


OPEN: Final = Extent(25_000, 2_500)
"""Of what a schema leaves open: an answer to be verified, what an agent says. The longest list that
there may be, a thousand lines with fifteen categories each, fits."""

SPARE: Final = Extent(1_000, 100)
"""Beyond twice what fits: who is near the bound is told which field of theirs is too long."""


def check_extent(raw: bytes, schema: type[Body]) -> None:
    """BadInput where a body holds far more than its schema has room for."""
    most = most_of(schema)
    there = extent_of(raw, most.pieces)
    for counted, bound, what in (
        (there.containers, most.containers, "lists and objects"),
        (there.pieces, most.pieces, "values"),
    ):
        if counted > bound:
            raise BadInput(
                f"the body holds more than {bound:,} {what}, which no request of this kind does",
                hint=PAGE,
            )


def extent_of(raw: bytes, enough: int) -> Extent:
    """What stands in a body outside its strings; a larger one than `enough` where strings do.

    Exact as far as the bytes are JSON, and no parser goes further: outside of strings there is no
    backslash.
    """
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Each value may be a string, and each may have a name. Only so many are worth taking apart.
    if raw.count(b'"') > 2 * 2 * (enough + 1):
        return Extent(enough + 1)
    bare = b"".join(raw.split(b'"')[::2])
    containers = bare.count(b"[") + bare.count(b"{")
    return Extent(containers + bare.count(b","), containers)


@lru_cache(maxsize=64)
def most_of(schema: type[Body]) -> Extent:
    """More than any body of a schema holds."""
    page = schema.model_json_schema()
    return _room(page, page.get("$defs", {})).times(2) + SPARE


def _room(node: Mapping[str, Any], known: Mapping[str, Any]) -> Extent:
    """What fits into one place of a schema."""
    if "$ref" in node:
        return _room(known[node["$ref"].rpartition("/")[2]], known)
    kind = node.get("type")
    if kind == "array":
        each = _room(node["items"], known)
        return (each + Extent(1)).times(node["maxItems"]) + Extent(1, 1)
    if kind == "object" and node.get("additionalProperties") is False:
        fields = [_room(field, known) + Extent(1) for field in node["properties"].values()]
        return sum(fields, Extent(1, 1))
    if "anyOf" in node:
        rooms = [_room(each, known) for each in node["anyOf"]]
        return Extent(max(r.pieces for r in rooms), max(r.containers for r in rooms))
    return Extent() if kind in SCALARS or "enum" in node or "const" in node else OPEN
