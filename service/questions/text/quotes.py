"""Quoted strings: what an asker cites is content, whatever stands around it."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.questions.text.apostrophes import ambiguous, between_letters, elided

_CLOSING: Final = {"“": "”", "„": "“”", "‘": "’", "«": "»", "「": "」", "『": "』", "《": "》"}
_SAME: Final = "'\"`"
_APOSTROPHES: Final = "'’"
_UNSURE: Final = "'\"’”"
_MARKS: Final = re.compile(
    "[" + "".join({*_CLOSING, *"".join(_CLOSING.values()), *_SAME, "\n"}) + "]"
)
# A query that stands in brackets or in bold, right behind the word for what it is.
_CITED: Final = re.compile(
    r"\b(query|search|keyword|product|item|title|brand|category|anfrage|produkt|requête|produit"
    r"|consulta|producto|ricerca|prodotto)"
    r" (?:\*{1,2}[^*\n]{1,300}\*{1,2}|\([^()\n]{1,300}\)|\[[^\[\]\n]{1,300}\]|<[^<>\n]{1,300}>)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted string: its place with the marks, and its text without them."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Open:
    """A mark that opens, and the best one so far to close it."""

    start: int
    closer: int | None = None
    sure: bool = False
    nested: bool = False
    """Whether another opened behind it before any could close it."""

    def offer(self, at: int, *, sure: bool) -> None:
        """Take a mark as the one that closes, if it does so better than the last."""
        if self.nested or not self.sure:
            self.sure = self.sure or sure
            self.closer = at if sure or not self.sure else self.closer


def quotes(text: str) -> tuple[Quote, ...]:
    """All quoted strings within one line each, from the left, none inside another.

    An apostrophe stands between letters or ends a word that no quote has opened, so it is none.
    """
    found: list[Quote] = []
    opened: dict[str, _Open] = {}
    for match in _MARKS.finditer(text):
        mark, at = match.group(), match.start()
        if mark == "\n":
            found += _closed(opened)
            continue
        opener = _closes(text, at, opened)
        if opener is not None:
            opened[opener].offer(at, sure=mark not in _UNSURE or not ambiguous(text, at))
        elif (mark in _SAME and _may_open(text, at, opened)) or mark in _CLOSING:
            found += _opens(mark, at, opened)
    found += _closed(opened)
    return tuple(_outermost(text, found))


def without_quotes(text: str) -> str:
    """The text with a blank pair of marks in place of every quoted string."""
    parts, at = [], 0
    for quote in quotes(text):
        parts += [text[at : quote.start], '""']
        at = quote.end
    return _CITED.sub(r'\1 ""', "".join([*parts, text[at:]]))


def _closes(text: str, at: int, opened: dict[str, _Open]) -> str | None:
    """The mark that the one here may close, if one is open."""
    mark = text[at]
    if mark in _APOSTROPHES and (between_letters(text, at) or elided(text, at)):
        return None
    if mark in _SAME:
        return mark if mark in opened and _may_close(text, at) else None
    return next((o for o, ends in _CLOSING.items() if mark in ends and o in opened), None)


def _opens(mark: str, at: int, opened: dict[str, _Open]) -> Iterator[Quote]:
    """What ends because another quote begins; one that nothing could end yet goes on."""
    before = opened.get(mark)
    if before is not None and before.closer is None:
        before.nested = True
        return
    if before is not None:
        yield from _closed({mark: before})
    opened[mark] = _Open(at)


def _closed(opened: dict[str, _Open]) -> list[Quote]:
    """All that is open and can be closed; nothing is open any more."""
    ended = [(one.start, one.closer) for one in opened.values()]
    opened.clear()
    return [Quote(start, closer + 1, "") for start, closer in ended if closer is not None]


def _may_open(text: str, at: int, opened: dict[str, _Open]) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in opened and elided(text, at):
        return False
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
