"""The stem: the asker's words without what only opens the answer, taken apart for reading."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.questions.layout.headings import (
    Kind,
    answer_opens,
    before_opening,
    heading,
    heads_nothing,
)
from service.questions.layout.sections import Section, take_apart
from service.questions.orders.choosing import counts
from service.questions.orders.instructions import shapes_answer
from service.questions.scales.scale import scale
from service.questions.text.quotes import without_quotes
from service.questions.text.sentences import split

_OPENING: Final = re.compile(
    r"[*#_ \t]{0,6}(?:input|question|q|prompt)[*_]{0,3} ?:[*_]{0,3}\s+", re.IGNORECASE
)
_TITLE: Final = re.compile(r"[^\w]{0,6}(?:input|question|q|prompt)[^\w]{0,6}$", re.IGNORECASE)


_READ: Final = 2_000
"""So far from both ends of a long text the asker's own words are looked for."""


@dataclass(frozen=True, slots=True)
class Stem:
    """What is asked."""

    text: str
    outside: str
    """The asker's own words, in no section; of a long text, where it begins and ends."""
    orders: tuple[str, ...]
    """The sentences of that, without what is quoted: where the asker says what to do."""
    parts: tuple[Section, ...]

    def sections(self, *kinds: Kind) -> tuple[Section, ...]:
        """The sections of some kinds, in the order of the text."""
        return tuple(section for section in self.parts if section.kind in kinds)


def read_stem(before: str, after: str = "") -> Stem:
    """The stem of a text without options: what stands before them and behind them.

    What opened the answer is cut away, but may say how the answer is to look ("Output (three
    numbers):"), so it stays among the orders, as does a "Rating (1-5 stars):". No section goes on
    behind the options.
    """
    after, cut = _without_answer(after)
    if not after:
        before, more = _without_answer(before)
        cut = [*cut, *more]
    if before:
        before = _without_opening(before, after)
    else:
        after = _without_opening(after, "")
    parts = take_apart(before, after)
    outside = _ends_of(parts.outside)
    if not after and not outside and parts.sections:
        cut.extend(_order_behind(parts.sections[-1].text))
    last = (after or before).rpartition("\n")[2]
    if scale([last]) and heads_nothing(last):
        cut.append(last)
    orders = split("\n".join([without_quotes(outside), *cut]))
    text = "\n".join(filter(None, (before, after)))
    return Stem(text, outside, tuple(orders), parts.sections)


def _without_answer(text: str) -> tuple[str, list[str]]:
    """The text without the lines at its end that only open the answer, and those."""
    lines = text.split("\n")
    cut: list[str] = []
    while lines and (not lines[-1].strip() or answer_opens(lines[-1])):
        cut.append(lines.pop())
    return before_opening("\n".join(lines).strip()), cut


def _order_behind(text: str) -> list[str]:
    """What a text whose asker said nothing else ends with, if that is an order to choose."""
    *said, last = split(text[-_READ:]) or [""]
    chooses = shapes_answer(last) and (counts([last]) or last.endswith((":", "：")))
    return [last] if said and chooses else []


def _ends_of(text: str) -> str:
    return text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}"


def _without_opening(text: str, later: str) -> str:
    """Without a leading `Input:`, unless it labels data beside rules that come later."""
    match = _OPENING.match(text)
    if match is None:
        return text
    rest = text[match.end() :]
    lines = f"{rest}\n{later}".split("\n")
    ruled = any((h := heading(line)) and h.kind is Kind.RULES for line in lines)
    return text if ruled else rest.strip()
