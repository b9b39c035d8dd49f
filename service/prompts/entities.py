"""Entities: the words of a text that name something of the kind asked for."""

from __future__ import annotations

from typing import Final

from service.prompts.elements import Manner, Recipe
from service.question import Question

LAST_LINE: Final = "-"
"""The line that says there are no more, where a speller waits for it."""


def _opening(question: Question, manner: Manner) -> str:
    end = "" if manner.numbers else f", then a line with {LAST_LINE} alone"
    most = question.choose
    if most == 1:
        return f"Answer (one entity{end}):"
    amount = f"at most {most} entities" if most else "the entities"
    return f"Answer ({amount}, here each on a line of its own, no commas between{end}):"


RECIPE: Final = Recipe(
    version="entities/3",
    system={
        "role": "You are a linguist and assist the customers of an online shop.",
        "task": "The task is to find the entities of a given kind that a text names.",
        "verbatim": "Copy each letter for letter as it stands in the text.",
        "answer_only": "Write the entities and add nothing: no kind, no reasons, no remarks.",
    },
    opening=_opening,
)
