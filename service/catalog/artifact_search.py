"""Finding items by the words of their titles."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from service.catalog.arrow import Mask, as_arrow, as_mask
from service.catalog.clean import clean_title
from service.steering.arrays import IntArray

WORDS: Final = 16
"""Words of a search that are read; the rest is ignored."""

LONGEST: Final = 200
"""Characters of a word; a longer one is found nowhere."""


def search_titles(
    titles: pa.LargeStringArray, popular_rows: IntArray, text: str, limit: int
) -> IntArray:
    """Rows whose title has every word of the text in it, in any case, the most popular first."""
    # The rarest words are long ones: after the first, only what is left is looked through.
    words = sorted(clean_title(text).split()[:WORDS], key=len, reverse=True)
    if not words:
        return popular_rows[:limit]
    if len(words[0]) > LONGEST:
        return popular_rows[:0]
    mask = _holds(titles, words[0])
    if len(words) > 1:
        rows = np.flatnonzero(mask)
        for word in words[1:]:
            rows = rows[_holds(titles.take(as_arrow(rows)), word)]
        mask = np.zeros(len(titles), dtype=bool)
        mask[rows] = True
    return popular_rows[mask[popular_rows]][:limit]


def _holds(titles: pa.LargeStringArray, word: str) -> Mask:
    mask = pc.match_substring(titles, word, ignore_case=True)
    return as_mask(mask)
