"""Retrieval: some of many options."""

from __future__ import annotations

from typing import Final

from service.prompts.elements import KNOWLEDGE, Manner, Recipe, choice_opening
from service.question import Question


def _opening(question: Question, manner: Manner) -> str:
    k = question.choose
    if k == 1:
        return choice_opening("one label", "the number of one option", manner)
    return choice_opening(
        f"{k} labels, the best first, with commas between",
        f"{k} different numbers, the best first",
        manner,
    )


RECIPE: Final = Recipe(
    version="retrieval/3",
    system={
        "knowledge": KNOWLEDGE,
        "task": "The task is retrieval: out of a list, find the entries that a request calls for.",
        "role": "You help customers of an online shop and are expert at searching for products.",
        "goal": "Customers count on you to find what they need, without delay or error.",
        "clarity": "Let the answer be as clear as it can be.",
    },
    opening=_opening,
)
