"""Fencing: what users and catalogues wrote stands in a prompt as data, never as instruction."""

from __future__ import annotations

import re
from typing import Final

OPEN: Final = "<data>"
CLOSE: Final = "</data>"

_BREAKS: Final = re.compile(r"\s+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MARKUP: Final = re.compile(
    r"<(?=[|/a-z_<])|\[(?=/?inst\])",
    re.IGNORECASE,
)
"""Where a tag of the fence, or a token of some model's chat template, could begin."""


def one_line(text: str, limit: int) -> str:
    """Text on one line, within a length, that can neither close the fence nor open a turn.

    Where a tag or a token of a chat template could begin, a space parts the bracket from the rest.
    """
    seen = _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
    folded = _BREAKS.sub(" ", seen).strip()
    if len(folded) > limit:
        folded = folded[: limit - 1].rstrip() + "…"
    return _MARKUP.sub(lambda found: found.group() + " ", folded)


def fenced(lines: list[str]) -> str:
    """Lines of data, each made harmless already, between the fence's tags."""
    return "\n".join([OPEN, *lines, CLOSE])
