"""Marks: short labels of one token each, by which a model can name a candidate in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product, takewhile
from operator import itemgetter
from string import ascii_uppercase
from typing import Final

import numpy as np

from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed
from service.steering.arrays import FloatArray

FEWEST: Final = 2
"""Between fewer there is nothing to weigh."""

_NUMBERS: Final = 100
"""So many have to be tokens, or letters are taken: most tokenizers have all digits."""

_MOST_NUMBERS: Final = 999

_PAIRS: Final = tuple(map("".join, product(ascii_uppercase, repeat=2)))


class Marks:
    """The marks that one model's tokenizer has, each a token where an answer begins."""

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer

    def first(self, most: int) -> tuple[str, ...]:
        """At most so many: the numbers from 1 where enough of them are tokens, else letters."""
        marks = self._all[: max(0, most)]
        return marks if len(marks) >= FEWEST else ()

    def tokens(self, marks: Sequence[str]) -> list[int]:
        """The token of each; EngineFailed where one is none, or the same as another."""
        spelled = self._tokenizer.answering(marks)
        tokens = [tokens[0] for tokens in spelled if len(tokens) == 1]
        if not tokens or len(tokens) < len(marks) or len(set(tokens)) < len(tokens):
            raise EngineFailed("the marks of the candidates are not one token each")
        return tokens

    @cached_property
    def _all(self) -> tuple[str, ...]:
        """Of one kind, however many are wanted: fewer are what more begin with."""
        numbers = [str(n) for n in range(1, _MOST_NUMBERS + 1)]
        unbroken = tuple(mark for mark, _ in takewhile(itemgetter(1), self._single(numbers)))
        if len(unbroken) >= _NUMBERS:
            return unbroken
        return tuple(mark for mark, fits in self._single([*ascii_uppercase, *_PAIRS]) if fits)

    def _single(self, marks: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Each of some marks, and whether it is a token."""
        spelled = self._tokenizer.answering(marks)
        return zip(marks, (len(tokens) == 1 for tokens in spelled), strict=True)


def normalised(scores: FloatArray) -> FloatArray:
    """Scores of some marks as log-probabilities over these alone; EngineFailed if they are none."""
    scores = np.asarray(scores, dtype=np.float64)
    best = scores.max(initial=-np.inf)
    if not np.isfinite(best):
        raise EngineFailed("the model says nothing of the candidates' marks")
    logs: FloatArray = scores - (best + np.log(np.exp(scores - best).sum()))
    return logs
