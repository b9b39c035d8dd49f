"""A control in words: one of many sentences, with its amount in one of many forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.sft.data.kinds import Kind
from models.sft.data.phrases import Phrases
from service.domain import Controls, Intent, Op, Share
from service.steering.plan import quota

_NUMBERS: Final = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_PARTS: Final = {
    0.1: "a tenth",
    0.2: "a fifth",
    0.4: "two fifths",
    0.5: "half",
    0.6: "three fifths",
    0.8: "four fifths",
}
"""Shares that have a name of their own."""

_TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody speaks."""

    phrases: Phrases
    amount_said: float
    """How often the list's length is said as well."""


def said(kind: Kind, controls: Controls, k: int, voice: Voice, dice: np.random.Generator) -> Intent:
    """The words that mean the controls of a task, in a list of k."""
    phrases = voice.phrases
    category = _category(controls)
    if kind is Kind.SEARCH and dice.random() < 1 / 2:
        typed = category.lower() if dice.random() < 1 / 2 else category
        return Intent(query=_one(phrases.searches, dice).format(c=typed))
    amount = _one(list(_amounts(controls.shares[0], k)), dice) if controls.shares else ""
    sentence = _capital(_one(phrases.wishes[kind], dice).format(c=category, m=amount))
    if dice.random() >= voice.amount_said:
        return Intent(text=sentence)
    number = str(k) if k >= len(_NUMBERS) or dice.random() < 1 / 2 else _NUMBERS[k]
    length = _capital(_one(phrases.amounts, dice).format(n=number))
    return Intent(text=f"{sentence} {length}")


def _category(controls: Controls) -> str:
    """The one that the controls of a task name."""
    named = (*controls.include, *controls.exclude, *(share.category for share in controls.shares))
    return named[0]


def _amounts(share: Share, k: int) -> Iterator[str]:
    """A share in words, all of which mean the same in a list of k."""
    yield share.percent
    yield f"{share.percent.removesuffix('%')} percent"
    tenths = share.share * _TENTHS
    if tenths == round(tenths):
        yield f"{_NUMBERS[round(tenths)]} in ten"
    if share.share in _PARTS:
        yield _PARTS[share.share]
    low, high = quota(share, k)
    count = high if share.op is Op.AT_MOST else low
    if count > 1:
        yield str(count)
        if count < len(_NUMBERS):
            yield _NUMBERS[count]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _one(values: Sequence[str], dice: np.random.Generator) -> str:
    return values[int(dice.integers(len(values)))]
