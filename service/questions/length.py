"""How long an answer may be, as the asker says it: "in at most 20 words", "20字以内"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.numerals import number

MOST_WORDS: Final = 1_000

_UNITS: Final = re.compile(
    r"(?<![\w.,])([\w-]{1,20})[ -]{1,2}(?:words?|wörter\w?|worte\w?|mots|palabras|parole|palavras"
    r"|كلمة|كلمات|शब्द\w{0,3})(?!\w)|(\d{1,4})\s?个?(?:字|词|詞|単語|文字|語)",
    re.IGNORECASE,
)
_LIMITS: Final = re.compile(
    r"most|more|up to|within|under|below|limit|max|less|fewer|\bin\b|about|around|exactly|between"
    r"|höchstens|weniger|plus|\ben\b|moins|máximo|menos|massimo|meno|più|अधिक|حدود|عن|以内|不超|最多|少于|以下",
    re.IGNORECASE,
)
_LEAST: Final = re.compile(
    r"at least|mindestens|au moins|al menos|almeno|至少|少なくとも", re.IGNORECASE
)
_BEFORE: Final = 30
_BEHIND: Final = 12


def word_limit(sentences: Sequence[str]) -> int | None:
    """The first number of words that is said to be a limit."""
    return next(filter(None, map(_limit, sentences)), None)


def _limit(sentence: str) -> int | None:
    for match in _UNITS.finditer(sentence):
        value = number((match[1] or match[2]).casefold())
        before = sentence[max(0, match.start() - _BEFORE) : match.start()]
        around = before + " " + sentence[match.end() : match.end() + _BEHIND]
        if value and _LIMITS.search(around) and not _LEAST.search(before):
            return min(value, MOST_WORDS)
    return None
