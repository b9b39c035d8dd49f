"""Marks that look like the end of a quote: girls' socks, a 27" screen, rock 'n' roll.

A quote ends at the first mark that can hardly be anything else, or, if each of them can, at the
last. Which is which only says what stands around a mark.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

_LAST_LATIN: Final = "\u024f"
_ELIDED: Final = re.compile(r"['’](?:n['’]?|em|til|\d\ds)(?!\w)", re.IGNORECASE)
_LONGEST_ELIDED: Final = 5
# What an asker goes on with behind a quote, and no title behind a plural or a measure.
_ASKER: Final = (
    r"appears?|exists?|is|are|was|were|has|have|would|may|will|can|should|which|what"
    r"|according|based"
)
_BEHIND_MEASURES: Final = re.compile(
    rf"[ \t]+(?!(?:{_ASKER})(?!\w))[^\W_]|[,;)/x×-]", re.IGNORECASE
)
_BEHIND_PLURALS: Final = re.compile(
    rf"[ \t]+(?!(?:{_ASKER}|from|on|as|that|if|then|by|with|for|to|in|of)(?!\w))[^\W_]",
    re.IGNORECASE,
)
_LOOK_AHEAD: Final = 16


def elided(text: str, at: int) -> bool:
    """Whether letters are left out here, of and or of a century: 'n', '90s."""
    if text[at - 1 : at].isspace():
        return _ELIDED.match(text, at, at + _LONGEST_ELIDED) is not None
    return text[max(0, at - 3) : at].casefold() in {" 'n", " ’n"}


def between_letters(text: str, at: int) -> bool:
    """Whether Latin letters stand on both sides, and not those of other scripts."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return len(around) > 1 and around.isalpha() and max(around) <= _LAST_LATIN


def ambiguous(text: str, at: int) -> bool:
    """Whether the mark may also be a plural's apostrophe, or say feet or inches."""
    before = text[at - 1 : at]
    behind = _BEHIND_MEASURES if before.isdigit() else _BEHIND_PLURALS
    likely = before.isdigit() or (before in "sS" and text[at] not in '"”`')
    return likely and behind.match(text, at + 1, at + _LOOK_AHEAD) is not None
