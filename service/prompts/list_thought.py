"""Thoughts on a user: what a small model is asked before a list is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain import Intent, Prompt
from service.prompts.role import RULE_OF_DATA
from service.prompts.thought import WORDS, fit, opening
from service.prompts.wishes import wishes

VERSION: Final = "list-thought/1"

SYSTEM: Final = (
    "You prepare the ground for someone who recommends items. Think it through step by step: what"
    " the history tells of the user's taste, what has changed of late, what the user wants now,"
    " and which kinds of item would suit that. Write a few plain sentences and keep to the limit."
    f" State facts, give no orders, and name no titles. {RULE_OF_DATA}"
)


def list_thought_prompt(history: Sequence[str], intent: Intent, words: int = WORDS) -> Prompt:
    """Ask for a short analysis of a history (titles, oldest first) and of what is wanted."""
    user = "\n".join([*wishes(history, intent), opening(words)])
    return Prompt(version=VERSION, system=SYSTEM, user=user)


def cleaned_list_thought(
    text: str, limit_words: int, *, asked: Prompt, cut_off: bool = False
) -> str:
    """What of a model's thoughts may enter the prompt of a list; "" where nothing is worth it."""
    return fit(text, limit_words, asked=f"{asked.system}\n{asked.user}", cut_off=cut_off)
