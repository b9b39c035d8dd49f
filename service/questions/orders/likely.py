"""Numbers that may say how many options are to be chosen: "which two", "the top 3 products".

They may as well describe something: "our top 10 seller", "in the top 5", "the best 2 in 1".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from service.questions.orders.choosing import asks_for_choice, tokens_of
from service.questions.orders.counting import OF, counts_options, plain
from service.questions.orders.instructions import orders
from service.questions.orders.phrases import names_one
from service.questions.text.numerals import number

_BEST: Final = re.compile(
    r"top|best|besten|meilleurs?|meilleures|mejores|migliori|which|what|welche|quels|quelles|quali"
    r"|cuáles|qué|melhores|quais|welke|najlepsze|które|лучшие|какие"
)
_TITLE: Final = re.compile(r"\W{0,4}(?:(?:the|only) )?(?:top|best)\b", re.IGNORECASE)
_MOST: Final = frozenset({"most", "best", "likeliest", "closest", "cheapest"})
# Both ends of one scale are two options, whatever number is not said.
_OPPOSITES: Final = re.compile(
    r"\b(?:select|choose|pick|name|identify|give|output)(?: me| us)?(?: both)? the"
    r" (?:best|most|highest|largest|biggest|cheapest|worst|least|lowest|smallest)"
    r"(?: \w{1,20}){0,2} and (?:also )?the"
    r" (?:best|worst|least|lowest|smallest|most|highest|largest|biggest|priciest)\b",
    re.IGNORECASE,
)
_PAIR: Final = 2
_ABOUT_ONE: Final = frozenset(
    {"in", "on", "from", "among", "of", "our", "my", "your", "their", "its"}
)
# What stands behind a number of things: nothing, a plural, or what begins no thing.
_MANY: Final = re.compile(
    r"(?:to|for|in|from|by|that|which|according|based|most|of|and|with|as|when|given|are|is|be)?"
    r"|.*[^s]s|.*[^a-z].*"
)


def likely_counts(sentences: Sequence[str]) -> tuple[int, ...]:
    """Numbers that may be meant so, in sentences that ask: "which two", "the top 3"."""
    asking = [one for one in sentences if orders(one) or asks_for_choice([one]) or _is_title(one)]
    said = tuple(n for sentence in asking for n in _by_best(tokens_of(plain(sentence))) if n > 0)
    return said or ((_PAIR,) if any(map(_OPPOSITES.search, asking)) else ())


def _is_title(sentence: str) -> bool:
    """Whether it is no sentence, but says what is wanted: "The top 3 products for camping"."""
    return _TITLE.match(sentence) is not None


def _by_best(tokens: list[str]) -> Iterator[int]:
    """Read "which two", "the top 3", "the three most likely" and "the most likely 3 items"."""
    for at, word in enumerate(tokens):
        if _BEST.fullmatch(word) and not _is_of_one(tokens, at):
            yield from _counted_at(tokens, at + 1)
        if word == "most" and any(map(_MANY.fullmatch, tokens[at + 3 : at + 4])):
            yield from _counted_at(tokens, at + 2)
        if word in _MOST and not OF.intersection(tokens[max(0, at - 3) : at]):
            yield from _counted_at(tokens, at - 1)


def _counted_at(tokens: list[str], place: int) -> Iterator[int]:
    word = tokens[place] if 0 <= place < len(tokens) else ""
    value = number(word)
    if value is None or (value == 1 and not word.isdecimal()):
        return
    if counts_options(tokens, place) and (value == 1 or not names_one(tokens, place)):
        yield value


def _is_of_one(tokens: list[str], at: int) -> bool:
    """Whether it says what one thing is: "in the top 10", "our top 10 seller"."""
    if tokens[at] not in {"top", "best"}:
        return False
    before = [word for word in tokens[max(0, at - 2) : at] if word != "the"][-1:]
    behind = tokens[at + 2 : at + 4]
    many = not behind or any(map(_MANY.fullmatch, behind))
    return not many or not _ABOUT_ONE.isdisjoint(before)
