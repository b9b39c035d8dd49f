"""Scores of answers that name options or spans: accuracy, hit rate, NDCG, counts for micro F1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from models.evaluate.reading import comparable, entities, first_character, numbers

FIRST: Final = 3
"""How many of the numbers read count for the hit rate."""


def accuracy(output: str, truth: str) -> float:
    """1 if the first character of the stripped output is the true label, else 0.

    This is the competition's rule to the letter. It knows labels of one character only: where the
    truth is "10" no output scores, and where it is "1" an output of "10" does. Letters are
    compared without case.
    """
    first = first_character(output)
    return float(bool(first) and first.casefold() == truth.casefold())


def hit_rate(output: str, truth: Sequence[int]) -> float:
    """Share of the true ids among the first three numbers read from the output."""
    true = set(truth)
    return len(true.intersection(numbers(output)[:FIRST])) / len(true)


def ndcg(output: str, weights: Sequence[float], *, first: int = 1) -> float:
    """Gain of the order in the output by that of the best order.

    `weights` hold the relevance of the candidates, the first of which is numbered `first`. A
    candidate's gain is 2^weight - 1, divided by log2 of its place plus 1. A number that no
    candidate has gains nothing and takes its place; so does one said before. As many numbers are
    read as there are candidates. Where all weights are 0 no order is better than another, and the
    score is 0 for every output, so that a malformed one is not rewarded.
    """
    best = _gain(sorted(weights, reverse=True))
    return _gain(_in_order(output, weights, first)) / best if best else 0.0


def _in_order(output: str, weights: Sequence[float], first: int) -> Iterable[float]:
    seen = set[int]()
    for number in islice(numbers(output), len(weights)):
        place = number - first
        known = 0 <= place < len(weights) and place not in seen
        seen.add(place)
        yield weights[place] if known else 0.0


def _gain(ordered: Iterable[float]) -> float:
    return sum(
        (math.pow(2.0, weight) - 1.0) / math.log2(place + 1)
        for place, weight in enumerate(ordered, start=1)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """True and false positives and false negatives; they add up over questions."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)

    @property
    def f1(self) -> float:
        """F1 of these counts; 0 where nothing was found and nothing was there."""
        total = 2 * self.hits + self.extra + self.missed
        return 2 * self.hits / total if total else 0.0


def entity_counts(output: str, truth: Sequence[str]) -> Counts:
    """What an output found of a set of entities.

    Both are sets: an entity said twice counts once. Compared without case, quotes and blanks.
    """
    found, true = entities(output), frozenset(map(comparable, truth))
    hits = len(found & true)
    return Counts(hits, len(found) - hits, len(true) - hits)
