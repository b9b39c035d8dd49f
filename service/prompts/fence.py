"""Data inside a prompt: kept short, on one line, and unable to end its own fence.

The brackets that fences and the special tokens of every chat template are made of do not occur in
fenced data. That holds for any engine, also those whose server tokenizes the prompt itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

OPEN: Final = "<<"
CLOSE: Final = ">>"

_BRACKETS: Final = str.maketrans(
    {
        "<": "\u2039",
        ">": "\u203a",
        "\uff1c": "\u2039",  # full-width; a server that normalises would make them plain again
        "\uff1e": "\u203a",
        "\ufe64": "\u2039",  # small
        "\ufe65": "\u203a",
        "[": "(",
        "]": ")",
        "\uff3b": "(",
        "\uff3d": ")",
    }
)

_BREAKS: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})
_NOTHING: Final = frozenset({"Cf", "Cs", "Cn", "Co"})
_JOINERS: Final = frozenset("\u200c\u200d")  # parts of words and of emoji in many scripts

# A character is at most four bytes and a token at least one: this bounds tokens, whatever the
# script, at twice what plain text of the same length could come to.
_BYTES_PER_CHARACTER: Final = 2


def line(text: str, limit: int) -> str:
    """The text as one harmless line of at most `limit` characters."""
    shown = "".join(map(_harmless, text[: 4 * limit])).translate(_BRACKETS)
    return _clipped(" ".join(shown.split()), limit)


def size(text: str) -> int:
    """The smallest limit under which a harmless text is not cut."""
    return max(len(text), -(-len(text.encode()) // _BYTES_PER_CHARACTER))


def fenced(lines: Iterable[str]) -> str:
    """Several harmless lines between fences of their own."""
    return "\n".join([OPEN, *lines, CLOSE])


def quoted(text: str) -> str:
    """One harmless line between fences in the line."""
    return f"{OPEN}{text}{CLOSE}"


def _harmless(character: str) -> str:
    if " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category in _BREAKS:
        return " "
    return "" if category in _NOTHING and character not in _JOINERS else character


def _clipped(text: str, limit: int) -> str:
    budget = limit * _BYTES_PER_CHARACTER
    clipped = text[:limit].encode()[:budget].decode(errors="ignore")
    return clipped.rstrip()
