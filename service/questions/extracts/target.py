"""What is looked for in a text: a type of entity, an aspect."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

from service.questions.extracts.extraction import may_extract
from service.questions.layout.headings import Kind
from service.questions.layout.stem import Stem
from service.questions.text.quotes import quotes, without_quotes
from service.questions.text.sentences import split

_TYPE: Final = re.compile(
    r"types?\s+(?:of\s+)?(?P<name>[^\W\d_][\w-]{0,40}(?: [\w-]{1,40})?)"
    r"(?=\s?(?:[.,;:?!]|$)| (?:from|in|of|that|within|and|which)\b)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:names?|denotes?|states?|mentions?|extract|identify|copy|all|describes?"
    r"|tag|recogni[sz]e|detect|find|list|mark|speaks? of|about)"
    r" (?:the |an? |all |every |up to |at most |(?:\d{1,2}|one|two|three|four|five) )*"
    r"(?P<name>[^\W\d_][\w-]{0,30}(?: [\w-]{1,30})?"
    r"(?: (?:and|or) [\w-]{1,30})?)"
    r"(?=\s?(?:[.,;:?!]|$)| (?:from|in|of|that|within|and|which|names?|mentioned)\b)",
    re.IGNORECASE,
)
_ARE: Final = re.compile(
    r"\b(?:which|what) (?:words?|phrases?|terms?|tokens?|parts?) (?:of|in|from) .{1,300}"
    r" (?:is|are) (?:the |an? )?(?P<name>[^\W\d_][\w-]{0,30}(?: [\w-]{1,30})?)\s?\?$",
    re.IGNORECASE,
)
_NEAR: Final = 24
_BEFORE_TYPE: Final = re.compile(
    r"(?:typ\w{0,3}|tipo|aspe[kc]\w{0,4}|attribut\w{0,2}|atributo|categor\w{0,3}|kategorie|类型|類型|タイプ|نوع|प्रकार)"
    r"\W{0,3}$",
    re.IGNORECASE,
)


def target_text(stem: Stem) -> str:
    """The type of entity or the aspect that is looked for."""
    for section in stem.sections(Kind.TARGET):
        return section.text.rstrip(". ")
    said = split(stem.outside)
    asking = [sentence for sentence in said if may_extract(without_quotes(sentence))]
    cited = [(sentence, quote) for sentence in asking for quote in quotes(sentence)]
    for sentence, quote in cited:
        if _BEFORE_TYPE.search(sentence[max(0, quote.start - _NEAR) : quote.start]):
            return quote.text
    if cited and stem.sections(Kind.DATA):
        return cited[0][1].text
    orders = [*asking, *said]
    found = (pattern.search(order) for pattern in (_TYPE, _NAMED, _ARE) for order in orders)
    named = next(filter(None, found), None)
    # Where no kind is named, what is asked says best what is looked for.
    if named:
        return named["name"]
    return _before_text(orders[0]) if orders else ""


def _before_text(order: str) -> str:
    """The order without the text that it has behind its colon."""
    before = re.split(r"[:：]\s?", order, maxsplit=1)[0].strip()
    return before if may_extract(before) else order.strip()
