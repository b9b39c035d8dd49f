"""Which two things a question relates: two queries, two products, or a query and a product.

Told by the nouns that the asker puts before what is quoted or labelled, never by what is quoted or
labelled itself. Where they do not name two things, it is left open.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from service.questions.layout.stem import Stem, read_stem
from service.questions.text.quotes import quotes, without_quotes


class Pair(StrEnum):
    """What the two things are."""

    QUERIES = "queries"
    PRODUCTS = "products"
    MATCH = "match"
    """A product that is found by a query."""


_RELATES: Final = re.compile(
    r"\b(?:relat|relev|compar|similar|connect|between|match|classif|purchased together"
    r"|beziehung|verhältnis|verhalten sich|zusammenhang|relación|relacion|relazione|rapport|lien)"
    r"|关系|關係|関係|相关|相關|関連",
    re.IGNORECASE,
)
_QUERY: Final = (
    r"(?:(?:search |shopping )?quer(?:y|ies)|search(?:es)?(?: terms?| phrases?)?|keywords?"
    r"|such(?:an)?fragen?|suchbegriffe?|requêtes?|recherches?|búsquedas?|consultas?|ricerc(?:a|he))"
)
_PRODUCT: Final = (
    r"(?:products?|items?|produkte?n?|artikeln?|produits?|articles?|productos?|artículos?"
    r"|prodott[oi]|articol[oi])"
)
_QUERY_UNSPACED: Final = "查询词?|查詢詞?|搜索词?|検索語?|クエリ"
_PRODUCT_UNSPACED: Final = "产品|產品|商品|製品"
_NOUN: Final = (
    rf"(?:(?:(?<!\w)(?:(?P<query>{_QUERY})|(?P<product>{_PRODUCT}))(?!\w))"
    rf"|(?P<query_>{_QUERY_UNSPACED})|(?P<product_>{_PRODUCT_UNSPACED}))"
)
# Of a noun and what may stand between it and the thing: a number, "named".
_NUMBER: Final = r"(?: ?[(#]?(?:\d{1,2}|[A-Da-d]|one|two|[一二])\)?(?!\w))?"
_CALLED: Final = (
    r"(?: (?:titles?|names?))?"
    r"(?: (?:named|called|titled|entitled|is|are|namens|mit dem (?:titel|namen)|appelée?|intitulée?"
    r"|nommée?|llamad[oa]|titulad[oa]|chiamat[oa]|intitolat[oa]))?"
)
_BEFORE: Final = re.compile(rf"{_NOUN}{_NUMBER}{_CALLED} ?[:：,=(-]? ?$", re.IGNORECASE)
_LABEL: Final = re.compile(
    rf"(?:\w{{1,16}} )?{_NOUN}{_NUMBER}(?: (?:titles?|names?|text))?$", re.IGNORECASE
)
_AND: Final = re.compile(
    r"[ ,;/:&>-]{0,4}(?:(?:and|to|with|vs|versus|or|und|mit|zu|et|à|avec|y|con|e|ed"
    r"|和|与|與|と|跟)[. ]{0,2})?",
    re.IGNORECASE,
)
_TWO: Final = re.compile(
    r"(?:(?:two|both|these|pair of|beiden?|deux|dos|ambos|ambas|due)(?: \w{1,12})? "
    r"|between(?: the)? |两个|兩個|二つの|2つの)"
    rf"{_NOUN}",
    re.IGNORECASE,
)
_WINDOW: Final = 48
_PAIRS: Final[Mapping[tuple[str, ...], Pair]] = {
    ("query", "query"): Pair.QUERIES,
    ("product", "product"): Pair.PRODUCTS,
    ("product", "query"): Pair.MATCH,
}


def pair(stem: str) -> Pair | None:
    """What the two things are, if the asker relates two and says what they are."""
    read = read_stem(stem)
    own = without_quotes(read.outside)
    if not _RELATES.search(own):
        return None
    things = {*_quoted(read.outside), *_labelled(read)}
    kinds = sorted(kind for kind, _ in things) or _in_words(own)
    return _PAIRS.get(tuple(kinds))


def _quoted(text: str) -> Iterator[tuple[str, str]]:
    """The kind and the text of each quoted thing; one joined to another is of the same kind."""
    kind, end = "", 0
    for quote in quotes(text):
        before = text[max(end, quote.start - _WINDOW) : quote.start]
        joined = kind if end and _AND.fullmatch(text[end : quote.start]) else ""
        kind, end = _kind(_BEFORE.search(before)) or joined, quote.end
        if kind:
            yield kind, quote.text.casefold()


def _labelled(stem: Stem) -> Iterator[tuple[str, str]]:
    """The kind and the text of each section whose label is such a noun."""
    for section in stem.parts:
        if kind := _kind(_LABEL.match(section.label)):
            yield kind, _bare(section.text)


def _in_words(text: str) -> list[str]:
    """The kinds where the things themselves stand under no noun: "these two products"."""
    kinds = {_kind(match) for match in _TWO.finditer(text)}
    return [*kinds, *kinds] if len(kinds) == 1 else []


def _bare(text: str) -> str:
    """A text as it would be between quotes."""
    cited = quotes(text)
    return (cited[0].text if len(cited) == 1 else text).strip().casefold()


def _kind(match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    return "query" if match["query"] or match["query_"] else "product"
