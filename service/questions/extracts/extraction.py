"""Extraction: answers that are words of a given text. Whether and how they are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.questions.layout.headings import Kind, heading
from service.questions.layout.stem import Stem
from service.questions.orders.instructions import asks_for_own_words

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
_RECOGNITION: Final = re.compile(
    r"\bnamed entity recognition\b|\bNER\b|\bentity (?:recognition|extraction|tagging)\b",
    re.IGNORECASE,
)
_THE: Final = r"(?:the |this |that |these |a )?(?:following |given |below )?(?:\w{1,20} ){0,2}"
_SHORT: Final = rf"{_THE}(?:query|queries|search|titles?|sentences?|listings?|product names?)"
_LONG: Final = rf"{_THE}(?:texts?|descriptions?|passages?|reviews?)"
_A_TEXT: Final = rf"(?:{_SHORT}|{_LONG})"
_WORDS_OF: Final = re.compile(
    r"\b(?:which|what)(?: is| are)?(?: the)?(?: \w{1,20})?"
    r" (?:(?P<many>words|terms|parts|entities|(?:key ?)?phrases|snippets|expressions)"
    r"|(?P<word>word|term|entity)|(?:key ?)?phrase|part|snippet|expression|sentence)\b.{0,40}?"
    rf"\b(?:of|in|from) {_A_TEXT}\b",
    re.IGNORECASE,
)
_IN_QUERY: Final = re.compile(
    r"\b(?:in|of|from|within) (?:the |this |that )(?:\w{1,20} ){0,2}(?:query|search)\b",
    re.IGNORECASE,
)
_IN_SHORT: Final = re.compile(
    rf'\b(?:in|from|within) (?:{_SHORT}\b|"")|\bof (?:the|this) (?:\w{{1,20}} )?title\b',
    re.IGNORECASE,
)
_IN_LONG: Final = re.compile(rf"\b(?:in|from|within) {_LONG}\b", re.IGNORECASE)
# What is said about a text as a whole does not stand in it.
_ABOUT: Final = re.compile(
    r"\b(?:sentiment|inten\w{1,6}|language|categor\w{1,3}|topic|theme|meaning|purpose|relation\w{0,5}"
    r"|tone|polarity|emotion|mood|idea|errors?|mistakes?|typos?|best|answer)\b",
    re.IGNORECASE,
)
_PIECE: Final = re.compile(
    r"\b(?:key ?-?phrase|phrase|snippet|span|excerpt|substring|quote|keyword|textstelle|ausdruck"
    r"|schlüsselphrase|extrait|expression|fragment|frase|expresión|fragmento|espressione"
    r"|part(?= of (?:the|this) (?:text|review|sentence|description|passage)))(?P<many>e?s|n)?\b"
    r"|短语|關鍵詞|关键词|词语|片段|フレーズ|語句|キーワード|عبارة|वाक्यांश",
    re.IGNORECASE,
)
_DENOTES: Final = re.compile(
    r"\b(?:which|what) (?:words?|terms?|tokens?|phrases?|part) (?:denotes?|names?|describes?"
    r"|states?|expresses|refers?|corresponds?|mentions?|(?:is|are) (?:the|an?) )",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?:one|single|only 1|ein(?:e|en|zige)?|une?|un[ao]|seule?|sol[ao])\b|一个|一つ|ひとつ",
    re.IGNORECASE,
)
_ONLY: Final = re.compile(
    r"only|exactly|just|single|nur|genau|seule|solo|sola|apenas|somente|只|だけ", re.IGNORECASE
)
_EVERY: Final = re.compile(r"\b(?:all|every|each|any)\b", re.IGNORECASE)
_TAKES: Final = ("extra", "tag", "estra", "提取", "抽取", "抽出", "استخرج", "निकाल")
_OTHER_WORDS: Final = re.compile(
    r"\b(?:explain|summar|paraphras|rephras|rewrit|translat|describ|own words|zusammenfass|erklär"
    r"|résum|expliqu|traduc|resum|explic|riassum|spieg"
    r"|(?:^|and |then )(?:write|compose|create|generate) )|总结|解释|翻译|要約|説明|翻訳",
    re.IGNORECASE,
)
_STANDS_IN: Final = re.compile(
    rf"\b(?:which|what) (?:\w{{1,20}} ){{1,3}}"
    rf"(?:(?:is|are|appears?|occurs?|stands?) (?:in {_SHORT}\b"
    rf"|(?:mentioned|named|stated|contained) in {_A_TEXT}\b)|(?:does|do) {_A_TEXT}"
    rf" (?:mention|name|contain)\b)|\bwhat (?:is|are) the (?:\w{{1,20}} ){{1,3}}in {_SHORT}\b",
    re.IGNORECASE,
)
_WEAK: Final = frozenset({"list", "find", "mark", "spot"})
"""Verbs that ask for pieces of a text only where entities are named: "find the phrase" may not."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What is to be extracted."""

    entities: bool
    """Entities of a type, however many; else pieces of text."""
    one: bool
    """Whether one piece is wanted."""


def extraction(stem: Stem) -> Extraction | None:
    """What is to be extracted, if anything is: so it is ordered, or its kind stands in a label."""
    found = next(filter(None, (_asked(order, stem.orders) for order in stem.orders)), None)
    return found or _labelled(stem)


def taken(stem: Stem) -> Extraction | None:
    """What is to be taken from a text that is there, wherever the order says that it is."""
    if any(map(_OTHER_WORDS.search, stem.orders)):
        return None
    takes = (order for order in stem.orders if takes_out(order) and not _ABOUT.search(order))
    return Extraction(entities=True, one=_one_only(stem.orders)) if any(takes) else None


def takes_out(sentence: str) -> bool:
    """Whether it asks for nothing but words of a text: extract, tag, which words denote."""
    found = (match.group().casefold() for match in _VERBS.finditer(sentence))
    return any(verb.startswith(_TAKES) for verb in found) or bool(_DENOTES.search(sentence))


def extracts(sentence: str) -> bool:
    """Whether a sentence without what it quotes asks for words of a text."""
    return _asked(sentence, (sentence,)) is not None


def may_extract(sentence: str) -> bool:
    """Whether it holds a verb that could ask for that, or asks for it in another way."""
    return _VERBS.search(sentence) is not None or extracts(sentence)


def asks_for_pieces_below(stem: Stem) -> bool:
    """Whether words are to be taken from a text that no label names: from the list itself."""
    if stem.sections(Kind.DATA) or not stem.orders:
        return False
    last = stem.orders[-1]
    verb = _VERBS.search(last)
    strong = verb is not None and verb.group().casefold() not in _WEAK
    ends = re.search(rf"\b(?:in|from|of) {_A_TEXT}\W{{0,3}}$", last, re.IGNORECASE)
    return strong and ends is not None and not _ABOUT.search(last)


def _asked(sentence: str, orders: Sequence[str]) -> Extraction | None:
    if words := _WORDS_OF.search(sentence):
        many = words["many"] is not None
        return Extraction(entities=many or words["word"] is not None, one=not many)
    if _STANDS_IN.search(sentence) and not _ABOUT.search(sentence):
        return Extraction(entities=True, one=False)
    verb = _VERBS.search(sentence)
    if verb is None:
        return Extraction(entities=True, one=False) if _RECOGNITION.search(sentence) else None
    weak = verb.group().casefold() in _WEAK
    piece = _PIECE.search(sentence)
    if _ENTITIES.search(sentence) or _of_text(sentence, verb.group().casefold(), piece=bool(piece)):
        return Extraction(entities=True, one=_one_only(orders))
    if piece is not None and not weak:
        return Extraction(entities=False, one=not piece["many"] or _one_only(orders))
    return None


def _of_text(sentence: str, verb: str, *, piece: bool) -> bool:
    """Whether things of a kind are to be taken from a text: "all colours in the query"."""
    takes = verb.startswith(_TAKES)
    if not takes and _ABOUT.search(sentence):
        return False
    if _IN_QUERY.search(sentence):
        return True
    every = _EVERY.search(sentence) is not None
    short = (every or verb not in _WEAK) and _IN_SHORT.search(sentence) is not None
    # What is found in a long text may be told in other words; what is taken from it may not.
    return not piece and (short or ((every or takes) and _IN_LONG.search(sentence) is not None))


def _labelled(stem: Stem) -> Extraction | None:
    """A text and the type of its entities are enough; a text and an aspect, if nothing is asked."""
    targets = stem.sections(Kind.TARGET)
    if not targets or not stem.sections(Kind.DATA) or any(map(asks_for_own_words, stem.orders)):
        return None
    if _ENTITIES.search(targets[0].label):
        return Extraction(entities=True, one=False)
    last = heading(stem.text.rpartition("\n")[2])
    opened = last is not None and not last.rest and _PIECE.search(last.label) is not None
    return Extraction(entities=False, one=True) if opened and not stem.orders else None


def _one_only(orders: Sequence[str]) -> bool:
    return any(
        _ONE.search(sentence) and (_PIECE.search(sentence) or _ENTITIES.search(sentence))
        for sentence in orders
        if _ONLY.search(sentence)
    )
