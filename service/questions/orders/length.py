"""How long an answer may be, as the asker says it: "in at most 20 words", "20字以内"."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.text.numerals import number

MOST_WORDS: Final = 1_000

_UNITS: Final = re.compile(
    r"(?<![\w.,])([\w–-]{1,20})[ -]{1,2}(?P<unit>words?|wörter\w?|worte\w?|mots|palabras|parole"
    r"|palavras|woorden|słów|słowach|слов\w{0,3}|kelime\w{0,4}|단어\S{0,3}|كلمة|كلمات|शब्द\w{0,3})(?!\w)"
    r"|(\d{1,4})\s?个?(?:字|词|詞|単語|文字|語|단어)",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"\b(?:an?|your) $", re.IGNORECASE)
_LIMITS: Final = re.compile(
    r"most|more|up to|within|under|below|limit|max|less|fewer|\bin\b|about|around|exactly|between"
    r"|\busing\b|\buse\b|approx|roughly|не более|не больше|\bдо |\bв "
    r"|hoogstens|maximaal|najwyżej|en fazla|이내|이하"
    r"|höchstens|weniger|plus|\ben\b|moins|máximo|menos|massimo|meno|più|अधिक|حدود|عن|以内|不超|最多|少于|以下",
    re.IGNORECASE,
)
_ORDERS: Final = re.compile(
    r"\b(?:write|compose|give|generate|schreibe?|écri\w{1,3}|escrib[ae]|scriv[ai]|напишите) $",
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
        value = number(re.split("[–-]", match[1] or match[3])[-1].casefold())
        before = sentence[max(0, match.start() - _BEFORE) : match.start()]
        around = before + " " + sentence[match.end() : match.end() + _BEHIND]
        if value and _says_how_long(match, before, around) and not _LEAST.search(before):
            return min(value, MOST_WORDS)
    return None


def _says_how_long(match: re.Match[str], before: str, around: str) -> bool:
    """Whether it is a limit, the order's object ("write 50 words"), or a text's size."""
    of_text = match["unit"] is not None and match["unit"].casefold() == "word"
    if of_text:
        return _ARTICLE.search(before) is not None
    return bool(_LIMITS.search(around)) or _ORDERS.search(before) is not None
