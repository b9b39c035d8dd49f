"""Bare words among the options, explained: what "complement" or "narrowing" says of two things.

A model that was never told what a shop means by such a word guesses by its everyday meaning. An
option is rewritten where it is nothing but such a word and the question asks how two things are
related; the word itself stays in front.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from service.prompts.pair import Pair, pair
from service.question import Option, Question, Task

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

_NO_LETTERS: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 60


def described(question: Question) -> tuple[Option, ...]:
    """The options, with bare words of relation explained where it is sure what is related."""
    if question.task is not Task.MULTIPLE_CHOICE or not any(map(_word, question.options)):
        return question.options
    related = pair(question.stem)
    if related is None:
        return question.options
    meanings = _MEANINGS[related]
    return tuple(_described(option, meanings) for option in question.options)


def _described(option: Option, meanings: Mapping[str, str]) -> Option:
    meaning = meanings.get(_word(option))
    return Option(option.label, f"{option.text.strip()}: {meaning}") if meaning else option


def _word(option: Option) -> str:
    """The word of relation that an option is; empty if it is something else."""
    if len(option.text) > _LONGEST:
        return ""
    word = _NO_LETTERS.sub(" ", option.text).strip().casefold()
    known = _OTHER_FORMS.get(word, word)
    return known if known in _PRODUCTS else ""
