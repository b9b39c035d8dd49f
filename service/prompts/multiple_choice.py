"""Multiple choice: one of the options."""

from __future__ import annotations

from typing import Final

from service.prompts.elements import Manner, Recipe, choice_opening
from service.question import Question

DESCRIPTIONS: Final = "descriptions"
"""The element by which bare words among the options are explained."""


def _opening(_question: Question, manner: Manner) -> str:
    return choice_opening("one label", "the number of one option", manner)


RECIPE: Final = Recipe(
    version="multiple_choice/3",
    system={
        "role": "You buy online yourself; judge as a real customer with some experience would.",
        "caution": "Weigh each option with care before you decide, for much depends on it.",
        "answer_only": "Name the option you choose and add nothing: no reasons, no remarks.",
    },
    opening=_opening,
    elsewhere=(DESCRIPTIONS,),
)
