"""What an engine is asked for an answer: an instruction, the question, what small models say.

The question comes before the supplements and is worded alike with and without them, so that a
server which keeps the beginnings of prompts reads it once. How the answer is to look stands last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from service.domain import Prompt
from service.prompts import entities, generation, multiple_choice, ranking, retrieval
from service.prompts.descriptions import described
from service.prompts.elements import Manner, Recipe
from service.prompts.fence import fenced, line
from service.prompts.options import numbered, shown_options, shown_similar
from service.prompts.stem import shown_stem
from service.prompts.thought import THOUGHT_LIMIT
from service.question import Option, Question, Task

_RECIPES: Final[Mapping[Task, Recipe]] = {
    Task.MULTIPLE_CHOICE: multiple_choice.RECIPE,
    Task.RANKING: ranking.RECIPE,
    Task.RETRIEVAL: retrieval.RECIPE,
    Task.GENERATION: generation.recipe(Question(Task.GENERATION, "")),
    Task.ENTITIES: entities.RECIPE,
}

ELEMENTS: Final[Mapping[Task, tuple[str, ...]]] = {
    task: recipe.elements for task, recipe in _RECIPES.items()
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the supplements have to say."""

    thought: str = ""
    similar: tuple[Option, ...] = ()
    """The options most similar to the question, the most similar first."""


def unknown_elements(task: Task, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are no element of this task's prompt."""
    return tuple(sorted(set(names) - set(ELEMENTS[task])))


def answer_prompt(
    question: Question,
    seen: Seen = Seen(),
    *,
    without: Collection[str] = (),
    numbers: bool = False,
) -> Prompt:
    """Ask for the answer; with `numbers` as JSON, of an engine whose answer nothing steers.

    Options that the asker labelled otherwise are shown under numbers then, the first one's being
    `options.first_number`.
    """
    manner = Manner(numbers and question.task is not Task.GENERATION, frozenset(without))
    recipe = _recipe(question)
    parts = [*_parts(question, seen, manner), recipe.opening(question, manner)]
    return Prompt(
        version=recipe.version_in(manner),
        system=recipe.instruction(manner.without),
        user="\n".join(parts),
    )


def _recipe(question: Question) -> Recipe:
    if question.task is Task.GENERATION:
        return generation.recipe(question)
    return _RECIPES[question.task]


def _parts(question: Question, seen: Seen, manner: Manner) -> Iterator[str]:
    if stem := shown_stem(question.stem):
        yield stem
    options = _options(question, manner)
    if options:
        yield shown_options(options)
    if seen.similar:
        shown = dict(zip((option.label for option in question.options), options, strict=True))
        yield shown_similar([shown.get(option.label, option) for option in seen.similar])
    if thought := line(seen.thought, THOUGHT_LIMIT):
        yield "A small model's notes on it, which may be wrong:\n" + fenced([thought])


def _options(question: Question, manner: Manner) -> tuple[Option, ...]:
    options = question.options
    if question.task is Task.MULTIPLE_CHOICE and multiple_choice.DESCRIPTIONS not in manner.without:
        options = described(question)
    return numbered(options) if manner.numbers else options
