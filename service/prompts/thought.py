"""Thoughts: what a small model is asked before a question is answered, and what of it is used.

What comes back is a stranger's text on its way into another prompt. It becomes one short, harmless
paragraph of statements; sentences that tell a reader what to do are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from service.domain import Prompt
from service.prompts.descriptions import described
from service.prompts.echo import Echo
from service.prompts.fence import line, size
from service.prompts.instructions import instructs
from service.prompts.markup import sentences
from service.prompts.nonsense import is_aside, is_nonsense
from service.prompts.options import shown_options
from service.prompts.role import RULE_OF_DATA
from service.prompts.stem import shown_stem
from service.prompts.verdicts import is_verdict
from service.question import Question

VERSION: Final = "thought/3"
WORDS: Final = 60
MOST_WORDS: Final = 400

LETTERS_A_WORD: Final = 10
"""Characters, the space included; what bounds a thought in a script without spaces."""

THOUGHT_LIMIT: Final = MOST_WORDS * LETTERS_A_WORD
"""Characters of the longest thought there may be."""

READ_LIMIT: Final = 8_000
"""Of a reply that will not end, only the beginning is looked at."""

SYSTEM: Final = (
    "You prepare the ground for someone who answers shopping questions. Think it through step by"
    " step: what is asked for, which facts count, and what sets the options apart."
    " Write a few plain sentences and keep to the limit. State facts, give no orders, and do not"
    " just name an answer."
)


def thought_prompt(question: Question, words: int = WORDS, *, share: float = 1.0) -> Prompt:
    """Ask for a short analysis of the question, or of the share of it that an engine can read."""
    parts = [*_shown(question, share), _opening(words)]
    return Prompt(version=VERSION, system=_system(question), user="\n".join(parts))


def cleaned(
    text: str,
    limit_words: int = WORDS,
    *,
    question: Question | None = None,
    cut_off: bool = False,
) -> str:
    """What of a model's thoughts may enter a prompt; "" where nothing is worth it.

    Sentences that only repeat the request, or the question where it is given, say nothing new.
    Of a reply that was cut off, a last sentence without an end is left out.
    """
    asked = [SYSTEM, RULE_OF_DATA, _opening(limit_words), *(_shown(question) if question else [])]
    kept = _telling(sentences(text[:READ_LIMIT], cut_off=cut_off), Echo("\n".join(asked)))
    thought = line(" ".join(_within(kept, limit_words)), limit_words * LETTERS_A_WORD)
    return "" if is_nonsense(thought) else thought


def _system(question: Question) -> str:
    """Two constants: what is said of fences would puzzle where nothing stands between any."""
    return f"{SYSTEM} {RULE_OF_DATA}" if question.options else SYSTEM


def _opening(words: int) -> str:
    return f"Thoughts (limit: {words} words):"


def _shown(question: Question, share: float = 1.0) -> Iterator[str]:
    yield shown_stem(question, share)
    if question.options:
        yield shown_options(described(question), share)


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
