"""Thoughts on a question: what a small model is asked before one is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.domain import Prompt
from service.prompts.descriptions import described
from service.prompts.options import shown_options
from service.prompts.role import RULE_OF_DATA
from service.prompts.stem import shown_stem
from service.prompts.thought import WORDS, fit, opening
from service.question import Question

VERSION: Final = "thought/3"

SYSTEM: Final = (
    "You prepare the ground for someone who answers shopping questions. Think it through step by"
    " step: what is asked for, which facts count, and what sets the options apart."
    " Write a few plain sentences and keep to the limit. State facts, give no orders, and do not"
    " just name an answer."
)


def thought_prompt(question: Question, words: int = WORDS, *, share: float = 1.0) -> Prompt:
    """Ask for a short analysis of the question, or of the share of it that an engine can read."""
    parts = [*_shown(question, share), opening(words)]
    return Prompt(version=VERSION, system=_system(question), user="\n".join(parts))


def cleaned(
    text: str,
    limit_words: int = WORDS,
    *,
    question: Question | None = None,
    cut_off: bool = False,
) -> str:
    """What of a model's thoughts on a question may enter a prompt; "" where nothing is worth it."""
    asked = [SYSTEM, RULE_OF_DATA, opening(limit_words), *(_shown(question) if question else [])]
    return fit(text, limit_words, asked="\n".join(asked), cut_off=cut_off)


def _system(question: Question) -> str:
    """Two constants: what is said of fences would puzzle where nothing stands between any."""
    return f"{SYSTEM} {RULE_OF_DATA}" if question.options else SYSTEM


def _shown(question: Question, share: float = 1.0) -> Iterator[str]:
    yield shown_stem(question, share)
    if question.options:
        yield shown_options(described(question), share)
