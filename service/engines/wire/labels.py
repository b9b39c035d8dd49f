"""Labels on the wire: a lexicon small enough to travel in the request that is spelled from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from service.engines.wire.values import HIGHEST, bad, integer, integers, required
from service.steering.arrays import IntArray
from service.steering.labels import LONGEST_LABEL, MOST_LABELS, MOST_TOKENS
from service.steering.lexicon import Frame, Lexicon
from service.steering.lexicon_build import build_lexicon

TOKENS: Final = "listwright_tokens"
OFFSETS: Final = "listwright_offsets"
FRAME_TOKENS: Final = "listwright_frame_tokens"
FRAME_OFFSETS: Final = "listwright_frame_offsets"
END: Final = "listwright_end"

CLOSING: Final = "listwright_closing"
LEAST: Final = "listwright_least"

LEXICON: Final = (TOKENS, OFFSETS, FRAME_TOKENS, FRAME_OFFSETS, END)
"""What stands for a lexicon that no catalogue has."""

INLINE: Final = (*LEXICON, CLOSING, LEAST)
"""That, and what may come with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Sequences laid end to end, in lexicon order, and what stands around them."""

    tokens: IntArray
    offsets: IntArray
    frame: Frame
    closing: IntArray
    """Rows that end the list."""
    least: int
    """How many rows must stand before one of those."""

    @property
    def size(self) -> int:
        """How many labels there are."""
        return len(self.offsets) - 1

    def lexicon(self) -> Lexicon:
        """The trie over them; rows are as sent."""
        return build_lexicon(self.tokens, self.offsets)[0]


def label_fields(lexicon: Lexicon, frame: Frame) -> dict[str, Any]:
    """The parameters that carry a lexicon and its frame."""
    ends = np.cumsum([0, *(len(label) for label in frame.labels)])
    return {
        TOKENS: lexicon.tokens.tolist(),
        OFFSETS: lexicon.offsets.tolist(),
        FRAME_TOKENS: [token for label in frame.labels for token in label],
        FRAME_OFFSETS: ends.tolist(),
        END: int(frame.end),
    }


def labels_of(given: Mapping[str, Any]) -> Labels:
    """What a request brought; BadParameters names the key and the fault."""
    labels = _sequences(given, TOKENS, OFFSETS, shortest=1)
    _check_sorted(labels)
    frame = _sequences(given, FRAME_TOKENS, FRAME_OFFSETS, shortest=0)
    end = integer(END, required(given, END), 0, HIGHEST)
    if any(end in sequence for sequence in (*labels, *frame)):
        raise bad(END, "stands within a label or before one, so a list would end there")
    lengths = [len(label) for label in labels]
    closing = _closing(given, len(labels))
    return Labels(
        tokens=np.array([token for label in labels for token in label], dtype=np.int64),
        offsets=np.cumsum([0, *lengths]),
        frame=Frame(tuple(frame), end),
        closing=closing,
        least=_least(given, len(labels) - len(closing)) if len(closing) else 0,
    )


def closing_fields(closing: IntArray, least: int) -> dict[str, Any]:
    """The parameters that say which labels end the list."""
    if not len(closing):
        return {}
    return {CLOSING: closing.tolist()} | ({LEAST: least} if least else {})


def _closing(given: Mapping[str, Any], size: int) -> IntArray:
    if LEAST in given and not given.get(CLOSING):
        raise bad(CLOSING, f"is missing or empty, and {LEAST} speaks of it")
    closing = np.unique(integers(given, CLOSING, MOST_LABELS))
    if len(closing) and closing[-1] >= size:
        raise bad(CLOSING, f"names row {closing[-1]} of {size}")
    return closing


def _least(given: Mapping[str, Any], others: int) -> int:
    return integer(LEAST, given.get(LEAST, 0), 0, others)


def _sequences(
    given: Mapping[str, Any], tokens_key: str, offsets_key: str, *, shortest: int
) -> list[tuple[int, ...]]:
    """Token sequences laid end to end, taken apart."""
    required(given, tokens_key)
    required(given, offsets_key)
    tokens = integers(given, tokens_key, MOST_TOKENS).tolist()
    offsets = integers(given, offsets_key, MOST_LABELS + 1).tolist()
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != len(tokens):  # noqa: PLR2004 - a pair
        raise bad(offsets_key, f"must run from 0 to {len(tokens)}, the length of {tokens_key}")
    for place, (start, stop) in enumerate(pairwise(offsets)):
        if not shortest <= stop - start <= LONGEST_LABEL:
            size = f"{stop - start} tokens, not {shortest} to {LONGEST_LABEL}"
            raise bad(offsets_key, f"gives sequence {place} {size}")
    return [tuple(tokens[start:stop]) for start, stop in pairwise(offsets)]


def _check_sorted(labels: Sequence[tuple[int, ...]]) -> None:
    for place, (label, following) in enumerate(pairwise(labels)):
        if following < label:
            raise bad(TOKENS, f"must be sorted: sequence {place + 1} is not")
        if label != following and following[: len(label)] == label:
            raise bad(TOKENS, f"has sequence {place} at the beginning of the next")
