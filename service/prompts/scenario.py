"""Scenarios of generation: who would write what is asked for, told by the asker's own orders.

What is quoted or stands behind a label is data: a review that speaks of Chinese makes nobody a
translator. The rules are tried in order and look for what is to be made together with a word for
making it, in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from service.question import Question
from service.questions.layout.stem import Stem, read_stem
from service.questions.orders.instructions import asks_to_write, is_question, orders


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
_BEGINS: Final = (
    r"^\W{0,6}(?:(?:please|kindly|now|bitte|veuillez|por favor|per favore|can you|could you|i want"
    r" you to|your task is to|task:|question:|input:),?:? ){0,2}"
)
_NOT_A_TERM: Final = (
    r"(?!.{0,12}\b(?:why|how|whether|if|when|who|where|warum|wieso|wie|ob|pourquoi|comment|por qué"
    r"|porque|cómo|perché|come)\b|为什么|為什麼)"
)
# What someone asks for rather than what a word means: "What is a good title?"
_NOT_A_NAME: Final = (
    r"(?!(?:good|better|best|nice|great|suitable|adequate|likely|possible|typical|fair|fitting"
    r"|proper|reasonable|cheap|cheaper|catchy|short|search|title|query|slogan)\b)"
)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_RULES: Final = (
    (
        Scenario.TRANSLATOR,
        _rule(
            r"\btranslat(?:e|es|ed|ing)\b|\btranslations? (?:of|for|into|to)\b"
            r"|\bübersetz(?:en?|t|ung von)\b|\btradui(?:s|re|sez|t)\b|\btradu[czs](?:e|a|ir|i|ca)\b"
            r"|\btradur(?:re|ción)\b|翻译|翻譯|翻訳"
        ),
    ),
    (
        Scenario.LINGUIST,
        _rule(
            rf"{_BEGINS}(?:explain|define|erkläre?n?(?: sie)?|definieren?(?: sie)?|explique[rz]?"
            r"|expliquer|explica|spiega|definisci|解释|解釋|定义|定義)"
            rf"(?!\w){_NOT_A_TERM}"
            r"|解释|解釋|説明して|定義して"
            r"|\bwhat (?:does|do)\b.{0,80}?\bmean\b|\bmeaning of\b|\bwas (?:bedeutet|heißt)\b"
            rf"|{_BEGINS}(?:what(?: is|'s) an? |was ist eine? |qu'est-ce qu'une? |¿?qué es una? "
            rf"|che cos'è una? ){_NOT_A_NAME}[^\s?]{{1,30}}(?: [^\s?]{{1,30}})?(?: [^\s?]{{1,30}})?"
            r" ?\?"
        ),
    ),
    (
        Scenario.TRANSLATOR,
        _rule(
            rf"\b{_LANGUAGE}\W{{1,3}}(?:online |shopping |web){{0,2}}"
            r"(?:shop|store|website|site|platform|market|version|title|description)"
            rf"|\b(?:in|into) (?:an? )?{_LANGUAGE}\b"
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
)
_REVIEW: Final = _rule(
    r"\b(?:reviews?|opinion|sentiment|rezension|bewertung|avis|reseña|recensione)\b"
    r"|评论|評論|レビュー"
)
_MADE: Final = _rule(_BEGINS + _MAKE.removeprefix(r"\b"))
_LEAST: Final = 3
"""In words: "Write: a slogan" says behind the colon what is to be done."""


def scenario(question: Question) -> Scenario:
    """Who answers this question best."""
    if question.extracts:
        return Scenario.READER
    stem = read_stem(question.stem)
    told = "\n".join(_told(stem.orders))
    found = next((who for who, rule in _RULES if rule.search(told)), None)
    return found or (Scenario.READER if _of_review(told, stem) else Scenario.ASSISTANT)


def _told(sentences: Sequence[str]) -> list[str]:
    """What is to be done, of each order without the data behind its colon; else all there is."""
    return [_before_colon(sentence) for sentence in sentences if _asks(sentence)] or [*sentences]


def _asks(sentence: str) -> bool:
    asked = is_question(sentence) or orders(sentence) or asks_to_write(sentence)
    return asked or _MADE.search(sentence) is not None


def _before_colon(sentence: str) -> str:
    told, _, data = sentence.partition(": ")
    return told if data and len(told.split()) >= _LEAST and _asks(told) else sentence


def _of_review(told: str, stem: Stem) -> bool:
    labels = "\n".join(section.label for section in stem.parts)
    return _REVIEW.search(f"{told}\n{labels}") is not None
