"""Scenarios of generation: who would write what is asked for, told by the question's own words.

The rules are tried in order and look for what is to be made together with a word for making it, in
one sentence, since the words alone also occur in the reviews and titles that questions quote.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from service.question import Question

_HEAD: Final = 2_000
_TAIL: Final = 1_000
"""What is to be done stands at the beginning of a question or at its end."""


class Scenario(StrEnum):
    """Who writes."""

    TRANSLATOR = "translator"
    MARKETER = "marketer"
    LINGUIST = "linguist"
    READER = "reader"
    SEARCHER = "searcher"
    ASSISTANT = "assistant"


_LANGUAGE: Final = (
    r"(?:english|german|french|spanish|italian|portuguese|dutch|polish|swedish|turkish|arabic"
    r"|hindi|chinese|japanese|korean|(?:an)?other language|different language)"
)
_MAKE: Final = (
    r"\b(?:writ|generat|creat|compos|draft|produc(?:e\b|ing)|suggest|propos|give\b|predict|guess"
    r"|what (?:is|would|could|might)|schreib|erstell|formulier|rédige|écri[st]|escrib|redact|crea"
    r"|scriv|genera|génér)"
)
# Bounded, so that a text of any length is read in one pass.
_SAME_SENTENCE: Final = r"[^.?!。\uff1f\uff01\n]{0,160}?"


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_RULES: Final = (
    (
        Scenario.TRANSLATOR,
        _rule(
            r"\b(?:translat|übersetz|tradui|traduc|tradur|traduz)|翻译|翻譯|翻訳"
            rf"|\b{_LANGUAGE}\W{{1,3}}(?:online |shopping |web){{0,2}}"
            r"(?:shop|store|website|site|platform|market|version|title|description)"
            rf"|\b(?:in|into) (?:an? )?{_LANGUAGE}\b"
        ),
    ),
    (
        Scenario.LINGUIST,
        _rule(
            r"\b(?:explain|define|erkläre?n?|definiere|explique[rz]?|expliquer|explica"
            r"|spiega|definisci)\b|\bwhat does\b.{0,80}?\bmean\b|\bmeaning of\b"
            r"|\bwas (?:ist|bedeutet)\b|解释|解釋|説明して|定義"
        ),
    ),
    (
        Scenario.SEARCHER,
        _rule(
            rf"{_MAKE}{_SAME_SENTENCE}\b(?:quer(?:y|ies)|keywords?|search terms?|suchanfrage"
            r"|suchbegriff|requête|búsqueda|ricerca)"
        ),
    ),
    (
        Scenario.MARKETER,
        _rule(
            rf"{_MAKE}{_SAME_SENTENCE}\b(?:title|descri|bullet|advert|slogan|tagline|headline"
            r"|product name|selling point|produktbeschreibung|werbe|titel|titre|annonce|título"
            r"|anuncio|titolo|annuncio)"
        ),
    ),
    (
        Scenario.READER,
        _rule(
            r"\b(?:reviews?|opinion|sentiment|rezension|bewertung|avis|reseña|recensione)\b"
            r"|评论|評論|レビュー"
        ),
    ),
)


def scenario(question: Question) -> Scenario:
    """Who answers this question best."""
    if question.extracts:
        return Scenario.READER
    head, rest = question.stem[:_HEAD], question.stem[_HEAD:]
    told = f"{head}\n{rest[-_TAIL:]}"
    return next((who for who, rule in _RULES if rule.search(told)), Scenario.ASSISTANT)
