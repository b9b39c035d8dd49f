"""A question's stem as it is shown: harmless line by line, and of bounded size."""

from __future__ import annotations

from typing import Final

from service.prompts.fence import line, size

STEM_LIMIT: Final = 6_000
CUT: Final = " ... "

# `line` allows two bytes a character and a character may be four: with twice as many characters
# allowed, nothing is cut.
_ROOM: Final = 2


def shown_stem(stem: str) -> str:
    """The stem line by line; of a long one the beginning and the end, where the question stands."""
    lines = (line(text, _ROOM * len(text)) for text in stem.splitlines())
    return _middle_out("\n".join(text for text in lines if text), STEM_LIMIT)


def _middle_out(text: str, limit: int) -> str:
    """The text, or its two ends: at most `limit` characters and twice as many bytes."""
    if size(text) <= limit:
        return text
    half = (limit - len(CUT)) // 2
    head = text[:half].encode()[: 2 * half].decode(errors="ignore")
    tail = text[-half:].encode()[-2 * half :].decode(errors="ignore")
    return f"{head.rstrip()}{CUT}{tail.lstrip()}"
