"""Bare words among the options, explained: what "complement" or "narrowing" says of two things.

A model that was never told what a shop means by such a word guesses by its everyday meaning. An
option is rewritten where it is nothing but such a word and the question asks how two things are
related; the word itself stays in front.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.question import Option, Question


class Pair(StrEnum):
    """What the two things are."""

    QUERIES = "queries"
    PRODUCTS = "products"
    MATCH = "match"
    """A product that is found by a query."""


_QUERIES: Final = {
    "substitute": "the second query is for something to have instead of what the first is for",
    "complement": "the second query is for something to have along with what the first is for",
    "irrelevant": "the two queries have nothing to do with each other",
    "narrowing": "the second query asks for one special kind of what the first asks for",
    "broadening": "the second query asks for a wider kind, which takes in what the first asks for",
    "exact": "both queries ask for the same thing",
    "similar": "both queries ask for things that are much alike",
    "also buy": "who buys what the first query finds may also buy what the second finds",
    "also view": "who views what the first query finds may also view what the second finds",
}
_PRODUCTS: Final = {
    "substitute": "the two are alike: a customer would take one in place of the other",
    "complement": "the two go together: a customer would use one along with the other",
    "irrelevant": "the two have nothing to do with each other",
    "narrowing": "the second is one special kind of the first",
    "broadening": "the second is a wider kind that takes in the first",
    "exact": "the two are the same",
    "similar": "the two are much alike",
    "also buy": "customers who buy the first may also buy the second",
    "also view": "customers who view the first may also view the second",
}
_MATCH: Final = _PRODUCTS | {
    "substitute": "the product is not quite what the query asks for, but could be taken instead",
    "complement": "the product is not what the query asks for, but goes together with it",
    "irrelevant": "the product has nothing to do with the query",
    "narrowing": "the product is one special kind of what the query asks for",
    "broadening": "the product is of a wider kind than the query asks for",
    "exact": "the product is all that the query asks for",
    "similar": "the product is much like what the query asks for",
}
_MEANINGS: Final[Mapping[Pair, Mapping[str, str]]] = {
    Pair.QUERIES: _QUERIES,
    Pair.PRODUCTS: _PRODUCTS,
    Pair.MATCH: _MATCH,
}

_OTHER_FORMS: Final = {
    "substitutes": "substitute", "substitution": "substitute", "substitutable": "substitute",
    "complements": "complement", "complementary": "complement",
    "irrelevance": "irrelevant", "unrelated": "irrelevant", "not relevant": "irrelevant",
    "not related": "irrelevant", "no relation": "irrelevant",
    "narrower": "narrowing", "narrow": "narrowing",
    "broader": "broadening", "broad": "broadening", "widening": "broadening",
    "exact match": "exact", "similarity": "similar",
    "also bought": "also buy", "also viewed": "also view",
}  # fmt: skip

_RELATES: Final = re.compile(
    r"\b(?:relat|relev|compar|similar|connect|between|match|classif|purchased together"
    r"|beziehung|verhältnis|verhalten sich|zusammenhang|relación|relacion|relazione|rapport|lien)"
    r"|关系|關係|関係|相关|相關|関連",
    re.IGNORECASE,
)
_QUERY: Final = re.compile(
    r"\b(?:quer(?:y|ies)|keyword|search|suchanfrage|requête|búsqueda|consulta|ricerca)"
    r"|查询|查詢|搜索|検索|クエリ",
    re.IGNORECASE,
)
_PRODUCT: Final = re.compile(
    r"\b(?:product|item|produkt|artikel|produit|article|prodott|articol)|产品|產品|商品|製品",
    re.IGNORECASE,
)
_NO_LETTERS: Final = re.compile(r"[\W_]+")


def described(question: Question) -> tuple[Option, ...]:
    """The options, with bare words of relation explained."""
    if not _RELATES.search(question.stem):
        return question.options
    meanings = _MEANINGS[_pair(question.stem)]
    return tuple(_described(option, meanings) for option in question.options)


def _pair(stem: str) -> Pair:
    if not _QUERY.search(stem):
        return Pair.PRODUCTS
    return Pair.MATCH if _PRODUCT.search(stem) else Pair.QUERIES


def _described(option: Option, meanings: Mapping[str, str]) -> Option:
    word = _NO_LETTERS.sub(" ", option.text).strip().casefold()
    meaning = meanings.get(_OTHER_FORMS.get(word, word))
    return Option(option.label, f"{option.text.strip()}: {meaning}") if meaning else option
