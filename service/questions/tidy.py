"""Raw text made fit to be read: one kind of line end, nothing invisible that only does harm."""

from __future__ import annotations

import re
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Marks of byte order and direction, zero-width spaces, control characters: they hide labels.
# Joiners stay, since words of some scripts and emoji are made with them.
_UNSEEN: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\ufeff]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BLANK_LINES: Final = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """The text in plain lines, without trailing blanks; what stands inside a line is kept."""
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    lines = _SURROGATES.sub("\ufffd", text).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def is_blank(text: str) -> bool:
    """Whether there is nothing to see."""
    return not any(char.isprintable() and not char.isspace() for char in text)
