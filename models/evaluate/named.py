"""Scores of answers that name options or spans: accuracy, hit rate, NDCG, counts for micro F1.

They follow the competition's scorer, but for this:

* The candidates of a ranking there are at most five, and numbers up to 5 are kept. Here those are
  kept that a candidate has, however many there are.
* A number below the first is kept there. Where the first is 1, a 0 takes a place and gains what
  the last candidate would. Here it is dropped, as one above the last is, and where candidates are
  numbered from 0 (or from 5) the numbers mean them.
* Entities there lose their quotes only as a whole list in Python's notation, in which commas may
  stand within quotes. Here every entity loses its quotes and a list its brackets, and each comma
  parts two entities. Blanks within an entity are one space here.
* All of an answer is read, not its first 5000 characters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from models.evaluate.reading import comparable, entities, first_character, numbers

FIRST: Final = 3
"""How many of the numbers read count for the hit rate."""

RANKED: Final = 5
"""How many of the numbers kept of a ranking are read at least: what follows is not looked at."""


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
    candidate's gain is 2^weight - 1, divided by log2 of its place plus 1. Numbers that no
    candidate has are dropped before places are counted. If one of the others is said twice, it is
    no ranking, and the score is 0. Where all weights are 0 no order is better than another, and
    the score is 0 for every output, so that a malformed one is not rewarded.
    """
    best = _gain(sorted(weights, reverse=True))
    return _gain(_in_order(output, weights, first)) / best if best else 0.0


def _in_order(output: str, weights: Sequence[float], first: int) -> list[float]:
    """The weights in the order of the output; none if it repeats itself."""
    places = [number - first for number in numbers(output)]
    known = [place for place in places if 0 <= place < len(weights)][: max(len(weights), RANKED)]
    return [weights[place] for place in known] if len(set(known)) == len(known) else []


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
    """What an output found of a list of entities, compared without case, quotes and blanks.

    An entity said twice is found once; the second time it is one too many.
    """
    found, true = entities(output), list(map(comparable, truth))
    hits = len(set(found).intersection(true))
    return Counts(hits, len(found) - hits, len(true) - hits)
