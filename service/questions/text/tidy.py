"""Raw text made fit to be read: one kind of line end, nothing invisible that only does harm."""

from __future__ import annotations

import re
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters and zero-width spaces part words, as a tab does.
_PARTING: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b]+")
# Around a line marks of byte order and of direction only hide labels. Elsewhere they stay, for
# words are given as they stand; as do joiners, since some words and emoji are made with them.
_HIDING: Final = (
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_CONTROLS: Final = "".join(map(chr, [*range(32), *range(127, 160), 0x200B]))
_LEADING: Final = "".join(char for char in _CONTROLS if char not in "\t\n") + _HIDING
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BLANK_LINES: Final = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """The text in plain lines, without trailing blanks; what stands inside a line is kept."""
    lines = _SURROGATES.sub("\ufffd", _LINE_ENDS.sub("\n", text)).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(map(_tidy_line, lines))).strip()


def _tidy_line(line: str) -> str:
    inner = line.lstrip(_LEADING).rstrip(_CONTROLS + _HIDING + " ").rstrip()
    return _PARTING.sub("\t", inner)


def is_blank(text: str) -> bool:
    """Whether there is nothing to see."""
    return not any(char.isprintable() and not char.isspace() for char in text)
