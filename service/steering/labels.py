"""A lexicon of a few labels, made for one question: numbers of options, or spans of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from service.steering.arrays import IntArray
from service.steering.lexicon import Frame, Lexicon
from service.steering.lexicon_build import build_lexicon

MOST_LABELS: Final = 2_000
LONGEST_LABEL: Final = 256
"""Tokens, those of its separator counted."""
MOST_TOKENS: Final = 64_000
"""Of all labels together: they travel in every request, and a server makes a trie of them."""


@dataclass(frozen=True, slots=True)
class LabelLexicon:
    """Labels as they are spelled one after another, each with the separator that ends it."""

    lexicon: Lexicon
    frame: Frame
    place: IntArray
    """Where the label of each row stood among those given."""
    separator: str
    """The text that ends every label, the last one too."""

    @property
    def row(self) -> IntArray:
        """The inverse of `place`: the row of each label in the order given."""
        return np.argsort(self.place)


def label_lexicon(
    sequences: Sequence[Sequence[int]], *, lines: int, end: int, separator: str
) -> LabelLexicon:
    """A lexicon of token sequences, each of which ends with the separator's tokens."""
    tokens = np.array([token for sequence in sequences for token in sequence], dtype=np.int64)
    offsets = np.array([0, *accumulate(map(len, sequences))], dtype=np.int64)
    lexicon, order = build_lexicon(tokens, offsets)
    return LabelLexicon(lexicon, Frame(((),) * lines, end), order, separator)


def unspelled(labels: int, *, lines: int, separator: str) -> LabelLexicon:
    """For engines that name labels by number and spell none: each is a token of its own."""
    return label_lexicon([[n] for n in range(labels)], lines=lines, end=labels, separator=separator)
