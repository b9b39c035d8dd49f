"""Generation: an answer in words, by whoever would write such a thing in a shop."""

from __future__ import annotations

from typing import Final

from service.prompts.elements import KNOWLEDGE, Manner, Recipe
from service.prompts.scenario import Scenario, scenario
from service.question import Question
from service.questions.text.spans import LONGEST_SPAN

_LENGTH: Final = "length"

ROLES: Final = {
    Scenario.TRANSLATOR: (
        "You translate for online shops and know how customers of each country expect a product"
        " to be named and described."
    ),
    Scenario.MARKETER: (
        "You write the texts that sell in shops: what you say of a product is exact, leaves nothing"
        " out and makes customers want it."
    ),
    Scenario.LINGUIST: (
        "You are a linguist who says in plain, general words what a term of trade means."
    ),
    Scenario.READER: (
        "You read customers' reviews closely and know which of their words speak of what."
    ),
    Scenario.SEARCHER: (
        "You know how customers search an online shop: in few words, straight to the point."
    ),
    Scenario.ASSISTANT: (
        "You are the assistant of an online shop and do what the customer asks, to the letter."
    ),
}


def _opening(question: Question, manner: Manner) -> str:
    if question.extracts:
        return _copied(question, manner)
    if _LENGTH in manner.without:
        return "Answer:"
    return f"Response (limit: {question.max_words} words):"


def _copied(question: Question, manner: Manner) -> str:
    copied = "words copied from the text"
    if _LENGTH in manner.without:
        return f"Answer ({copied}):"
    return f"Response ({copied}, at most {min(question.max_words, LONGEST_SPAN)} of them):"


RECIPES: Final = {
    who: Recipe(
        version="generation/3",
        system={"role": role, "knowledge": KNOWLEDGE},
        opening=_opening,
        elsewhere=(_LENGTH,),
    )
    for who, role in ROLES.items()
}


def recipe(question: Question) -> Recipe:
    """The recipe in the role that the question calls for."""
    return RECIPES[scenario(question)]
