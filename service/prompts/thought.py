"""Thoughts: how a small model is asked for them, and what of what it says is used.

What comes back is a stranger's text on its way into another prompt. It becomes one short, harmless
paragraph of statements; sentences that tell a reader what to do are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from service.prompts.echo import Echo
from service.prompts.fence import Room, fenced, harmless, line, shortened, size
from service.prompts.instructions import instructs
from service.prompts.markup import sentences
from service.prompts.nonsense import is_aside, is_nonsense
from service.prompts.verdicts import is_verdict

WORDS: Final = 60
MOST_WORDS: Final = 400

LETTERS_A_WORD: Final = 10
"""Characters, the space included; what bounds a thought in a script without spaces."""

THOUGHT_LIMIT: Final = MOST_WORDS * LETTERS_A_WORD
"""Characters of the longest thought there may be."""

READ_LIMIT: Final = 8_000
"""Of a reply that will not end, only the beginning is looked at."""


LIST_WORDS: Final = 100
"""Of the longest thought in the prompt of a list: history and candidates need their room."""


def opening(words: int) -> str:
    """What opens the reply."""
    return f"Thoughts (limit: {words} words):"


def fit(text: str, limit_words: int, *, asked: str, cut_off: bool) -> str:
    """What of a model's thoughts may enter a prompt; "" where nothing is worth it.

    Sentences that only repeat what was asked say nothing new. Of a reply that was cut off, a last
    sentence without an end is left out.
    """
    kept = _telling(sentences(text[:READ_LIMIT], cut_off=cut_off), Echo(asked))
    thought = line(" ".join(_within(kept, limit_words)), limit_words * LETTERS_A_WORD)
    return "" if is_nonsense(thought) else thought


def shown_thought(thought: str, heading: str, room: Room) -> Iterator[str]:
    """The lines by which a prompt shows a thought, if there is one."""
    if shown := shortened(harmless(thought), room):
        yield f"{heading}:\n{fenced([shown])}"


def _telling(given: Iterable[str], echo: Echo) -> Iterator[str]:
    """The sentences that say something, each once, and do not tell the reader what to do."""
    for sentence in given:
        if not (echo.repeats(sentence) or any(says(sentence) for says in _USELESS)):
            echo.hear(sentence)
            yield sentence


_USELESS: Final = (is_aside, is_verdict, instructs)


def _within(given: Iterable[str], limit: int) -> Iterator[str]:
    """Whole sentences of at most so many words; the beginning of the first where it is longer."""
    left, room = limit, limit * LETTERS_A_WORD
    for sentence in given:
        words = sentence.split()
        fits = len(words) <= left and size(sentence) <= room
        if not fits and left < limit:
            return
        yield sentence if fits else " ".join(words[:limit]) + "..."
        left, room = left - len(words), room - size(sentence) - 1
        if left <= 0:
            return
