"""What a build is given: the parts of other packages it works with, and its few numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from service.catalog.spelling import Spells
from service.errors import BadSettings
from service.ports import Encoder
from service.steering.arrays import FloatArray, IntArray

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is."""

SHORTEST_LIMIT = 32
"""Tokens: below that a shortened title with its number says nothing."""


@dataclass(frozen=True, slots=True)
class SimilarityTools:
    """What embeds titles, and what writes an index over the vectors to a file."""

    encoder: Encoder
    write_index: Callable[[FloatArray, Path], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """All a build needs besides its source; without `similarity` nothing is embedded."""

    tokenizer: Spells
    popularity: Callable[[IntArray], FloatArray]
    """Log-probabilities from how often each row was interacted with."""
    similarity: SimilarityTools | None = None
    title_tokens: int = 64
    max_k: int = 100

    def __post_init__(self) -> None:
        if self.title_tokens < SHORTEST_LIMIT:
            raise BadSettings(f"titles need at least {SHORTEST_LIMIT} tokens")
