"""A question's stem as it is shown: harmless line by line, and of bounded size.

Entities of web pages become the signs they stand for, unless the answer consists of spans of the
stem: those are taken from it as it was sent.
"""

from __future__ import annotations

from typing import Final

from service.prompts.fence import Room, harmless, shortened, unescaped
from service.question import Question

STEM_LIMIT: Final = 6_000


def shown_stem(question: Question, share: float = 1.0) -> str:
    """The stem line by line; of a long one the beginning and the end, where the question stands."""
    lines = question.stem.splitlines()
    shown = map(harmless, lines if question.extracts else map(unescaped, lines))
    return shortened("\n".join(text for text in shown if text), Room.of(STEM_LIMIT, share))
