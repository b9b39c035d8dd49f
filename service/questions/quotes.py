"""Quoted strings: what an asker cites is content, whatever stands around it."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CLOSING: Final = {"“": "”", "„": "“”", "‘": "’", "«": "»", "「": "」", "『": "』", "《": "》"}
_SAME: Final = "'\""
_MARKS: Final = re.compile(
    "[" + "".join({*_CLOSING, *"".join(_CLOSING.values()), *_SAME, "\n"}) + "]"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted string: its place with the marks, and its text without them."""

    start: int
    end: int
    text: str


def quotes(text: str) -> tuple[Quote, ...]:
    """All quoted strings within one line each, from the left, none inside another.

    An apostrophe stands between letters or ends a word that no quote has opened, so it is none.
    """
    found: list[Quote] = []
    opened: dict[str, int] = {}
    for match in _MARKS.finditer(text):
        mark, at = match.group(), match.start()
        if mark == "\n":
            opened.clear()
            continue
        opener = _opener(text, at, opened)
        if opener is not None:
            found.append(Quote(opened.pop(opener), at + 1, ""))
        elif (mark in _SAME and _may_open(text, at)) or mark in _CLOSING:
            opened.setdefault(mark, at)
    return tuple(_outermost(text, found))


def without_quotes(text: str) -> str:
    """The text with a blank pair of marks in place of every quoted string."""
    parts, at = [], 0
    for quote in quotes(text):
        parts += [text[at : quote.start], '""']
        at = quote.end
    return "".join([*parts, text[at:]])


def _opener(text: str, at: int, opened: dict[str, int]) -> str | None:
    """The mark that the one here closes, if one is open and it can."""
    mark = text[at]
    if mark in _SAME:
        return mark if mark in opened and _may_close(text, at) else None
    return next((o for o, ends in _CLOSING.items() if mark in ends and o in opened), None)


def _may_open(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not (before.isalnum() or after.isspace()) and bool(after)


def _may_close(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not (before.isspace() or after.isalnum())


def _outermost(text: str, found: list[Quote]) -> list[Quote]:
    kept: list[Quote] = []
    for quote in sorted(found, key=lambda quote: (quote.start, -quote.end)):
        inner = text[quote.start + 1 : quote.end - 1].strip()
        if inner and (not kept or quote.start >= kept[-1].end):
            kept.append(Quote(quote.start, quote.end, inner))
    return kept
