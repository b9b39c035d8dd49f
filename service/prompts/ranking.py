"""Ranking: all candidates, in order."""

from __future__ import annotations

from typing import Final

from service.prompts.elements import KNOWLEDGE, Manner, Recipe, choice_opening
from service.question import Question


def _opening(question: Question, manner: Manner) -> str:
    n = len(question.options)
    return choice_opening(
        f"all {n} labels, the best first, with commas between",
        f"all {n} numbers, the best first",
        manner,
    )


RECIPE: Final = Recipe(
    version="ranking/3",
    system={
        "knowledge": KNOWLEDGE,
        "role": "You are the shopping assistant of an online store and eager to help.",
        "task": (
            "You get a wish and some candidates: put every candidate in order, from the one"
            " that fulfils the wish best to the one that fulfils it least."
        ),
        "answer_only": "Give the order and add nothing: no reasons, no remarks.",
    },
    opening=_opening,
)
