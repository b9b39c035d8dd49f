"""Marks: short labels of one token each, by which a model can name a candidate in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product
from string import ascii_uppercase
from typing import Final

import numpy as np

from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed
from service.steering.arrays import FloatArray

FEWEST: Final = 2
"""Between fewer there is nothing to weigh."""

_PAIRS: Final = tuple(map("".join, product(ascii_uppercase, repeat=2)))


class Marks:
    """The marks that one model's tokenizer has, each a token where an answer begins."""

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer

    def first(self, most: int) -> tuple[str, ...]:
        """At most so many: numbers if each of 1 to `most` is a token, else capital letters."""
        numbers = tuple(str(n) for n in range(1, most + 1))
        marks = numbers if all(self._single(numbers)) else self._letters[:most]
        return marks if len(marks) >= FEWEST else ()

    def tokens(self, marks: Sequence[str]) -> list[int]:
        """The token of each; EngineFailed where one is none, or the same as another."""
        spelled = self._tokenizer.answering(marks)
        tokens = [tokens[0] for tokens in spelled if len(tokens) == 1]
        if not tokens or len(tokens) < len(marks) or len(set(tokens)) < len(tokens):
            raise EngineFailed("the marks of the candidates are not one token each")
        return tokens

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        marks = (*ascii_uppercase, *_PAIRS)
        single = self._single(marks)
        return tuple(mark for mark, fits in zip(marks, single, strict=True) if fits)

    def _single(self, marks: Sequence[str]) -> list[bool]:
        return [len(tokens) == 1 for tokens in self._tokenizer.answering(marks)]


def normalised(scores: FloatArray) -> FloatArray:
    """Scores of some marks as log-probabilities over these alone; EngineFailed if they are none."""
    scores = np.asarray(scores, dtype=np.float64)
    best = scores.max(initial=-np.inf)
    if not np.isfinite(best):
        raise EngineFailed("the model says nothing of the candidates' marks")
    logs: FloatArray = scores - (best + np.log(np.exp(scores - best).sum()))
    return logs
