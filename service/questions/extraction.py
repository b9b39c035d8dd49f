"""Extraction: answers that are words of a given text. What text, and what is looked for in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.questions.headings import Kind
from service.questions.quotes import quotes
from service.questions.sentences import split
from service.questions.stem import Stem

_VERBS: Final = re.compile(
    r"\b(?:extract|identif|recogni[sz]e|find|tag\b|detect|list|mark|spot|copy|extrahier|finde|markier"
    r"|extra[iy]|relève|identifi|extrae|extraiga|estrai|estrarre|individua)|提取|抽取|抽出|找出|识别|標記"
    r"|استخرج|حدد|निकाल|पहचान",
    re.IGNORECASE,
)
_ENTITIES: Final = re.compile(
    r"\bentit(?:y|ies)\b|\bentität|\bentité|\bentidad|\bentità\b|实体|實體|エンティティ|固有表現|كيان|इकाई|एंटिटी",
    re.IGNORECASE,
)
_WORDS_OF: Final = re.compile(
    r"\b(?:which|what) (?:words?|phrases?|terms?|parts?|entit(?:y|ies))\b.{0,20}"
    r"\b(?:of|in|from) (?:the|this) (?:\w+ )?(?:query|text|review|sentence|title|search)\b",
    re.IGNORECASE,
)
_ALL_IN: Final = re.compile(
    r"\b(?:in|of|from|within) (?:the|this) (?:\w+ )?(?:query|search query|search)\b", re.IGNORECASE
)
_PIECE: Final = re.compile(
    r"\b(?:key ?-?phrase|phrase|snippet|span|excerpt|substring|quote|keyword|textstelle|ausdruck"
    r"|schlüsselphrase|extrait|expression|fragment|frase|expresión|fragmento|espressione)(?P<many>e?s|n)?\b"
    r"|短语|關鍵詞|关键词|词语|片段|フレーズ|語句|キーワード|عبارة|वाक्यांश",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?:one|single|only 1|ein(?:e|en|zige)?|une?|un[ao]|seule?|sol[ao])\b|一个|一つ|ひとつ",
    re.IGNORECASE,
)
_TYPE: Final = re.compile(
    r"types?\s+(?:of\s+)?(?P<name>[^\W\d_][\w-]{0,40}(?: [\w-]{1,40})?)"
    r"(?=\s?(?:[.,;:?!]|$)| (?:from|in|of|that|within|and|which)\b)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:names?|denotes?|states?|mentions?|extract|identify|copy|all|describes?)"
    r" (?:the |an? |all |every )*(?P<name>[^\W\d_][\w-]{0,30}(?: [\w-]{1,30})?)"
    r"(?=\s?(?:[.,;:?!]|$)| (?:from|in|of|that|within|and|which|names?|mentioned)\b)",
    re.IGNORECASE,
)
_NEAR: Final = 24
_BEFORE_TYPE: Final = re.compile(
    r"(?:typ\w{0,3}|tipo|aspe[kc]\w{0,4}|attribut\w{0,2}|atributo|categor\w{0,3}|kategorie|类型|類型|タイプ|نوع|प्रकार)"
    r"\W{0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What is to be extracted."""

    entities: bool
    """Entities of a type, however many; else pieces of text."""
    one: bool
    """Whether one piece is wanted."""


def extraction(orders: Sequence[str]) -> Extraction | None:
    """What is to be extracted, if anything is."""
    for sentence in orders:
        if _WORDS_OF.search(sentence):
            return Extraction(entities=True, one=False)
        verb = _VERBS.search(sentence)
        piece = _PIECE.search(sentence)
        of_query = verb is not None and _ALL_IN.search(sentence, verb.end()) is not None
        entities = of_query or _ENTITIES.search(sentence) is not None
        if verb and (entities or (piece and verb.group().casefold() not in _WEAK)):
            one = (piece is not None and not piece["many"]) or _one_only(orders)
            return Extraction(entities, one=one and not (entities and not _one_only(orders)))
    return None


_WEAK: Final = frozenset({"list", "find", "mark", "spot"})
"""Verbs that ask for pieces of a text only where entities are named: "find the phrase" may not."""


def _one_only(orders: Sequence[str]) -> bool:
    return any(
        _ONE.search(sentence) and (_PIECE.search(sentence) or _ENTITIES.search(sentence))
        for sentence in orders
        if re.search(
            r"only|exactly|just|single|nur|genau|seule|solo|sola|只|だけ", sentence, re.IGNORECASE
        )
    )


def source_text(stem: Stem) -> str:
    """The labelled text, or the quoted one."""
    labelled = stem.sections(Kind.DATA)
    if labelled:
        return "\n".join(section.text for section in labelled)
    named = target_text(stem)
    quoted = [quote.text for quote in quotes(stem.text) if quote.text != named]
    return max(quoted, key=len, default="")


def last_text(stem: Stem) -> str:
    """The last paragraph, or the last line of the only one; nothing where there is no more."""
    for mark in ("\n\n", "\n"):
        before, _, last = stem.text.rpartition(mark)
        if before:
            return last.strip()
    return ""


def target_text(stem: Stem) -> str:
    """The type of entity or the aspect that is looked for."""
    for section in stem.sections(Kind.TARGET):
        return section.text
    asking = [sentence for sentence in split(stem.outside) if _VERBS.search(sentence)]
    cited = [(sentence, quote) for sentence in asking for quote in quotes(sentence)]
    for sentence, quote in cited:
        if _BEFORE_TYPE.search(sentence[max(0, quote.start - _NEAR) : quote.start]):
            return quote.text
    if cited and stem.sections(Kind.DATA):
        return cited[0][1].text
    orders = [*asking, *split(stem.outside)]
    found = (pattern.search(order) for pattern in (_TYPE, _NAMED) for order in orders)
    named = next(filter(None, found), None)
    # Where no kind is named, what is asked says best what is looked for.
    return named["name"] if named else (orders[0].strip() if orders else "")
