from __future__ import annotations

import pytest

from service.prompts.answer import answer_prompt
from service.prompts.generation import ROLES
from service.prompts.scenario import Scenario, scenario
from service.question import AnswerRequest, Question, Task
from service.questions.read import read


@pytest.mark.parametrize(
    ("stem", "who"),
    [
        ("Write an inviting title for a steel bottle.", Scenario.MARKETER),
        ("Draft a product description from these facts: oak, 2 m.", Scenario.MARKETER),
        ("Erstelle eine Produktbeschreibung f\u00fcr die Lampe.", Scenario.MARKETER),
        ("Give the lamp a title for a French online shop.", Scenario.TRANSLATOR),
        ("Translate the name 'oak table'.", Scenario.TRANSLATOR),
        ("Describe the mug in Spanish.", Scenario.TRANSLATOR),
        ("Explain the product type Colander.", Scenario.LINGUIST),
        ("What does 'BPA free' mean on a bottle?", Scenario.LINGUIST),
        ("Spiega il termine moka.", Scenario.LINGUIST),
        ("Suggest a query that finds the title 'Oak desk'.", Scenario.SEARCHER),
        ("What could be the shopper's next search term?", Scenario.SEARCHER),
        ("Which sentiment does the review show?", Scenario.READER),
        ("Is a wok fit for an induction stove?", Scenario.ASSISTANT),
        ("Is it like a French press?", Scenario.ASSISTANT),
        ("What fits?\nReview: the title was torn. Nice.", Scenario.READER),
        ("Explain the product type kettle in English.", Scenario.LINGUIST),
        ("Explain why customers buy rice cookers.", Scenario.ASSISTANT),
        ("Please explain how to descale it.", Scenario.ASSISTANT),
        ("What is a kettle?", Scenario.LINGUIST),
        ("What is a good gift for a cook?", Scenario.ASSISTANT),
        ("Write a slogan for the app 'Explain Everything'.", Scenario.MARKETER),
        ("Write a slogan for the Explain Everything app.", Scenario.MARKETER),
        ("Translate the title to French and explain it.", Scenario.TRANSLATOR),
        ("I bought it in German blue. Does it come in red?", Scenario.ASSISTANT),
        ("", Scenario.ASSISTANT),
    ],
)
def test_who_writes(stem: str, who: Scenario) -> None:
    question = Question(Task.GENERATION, stem)
    assert scenario(question) is who
    assert ROLES[who] in answer_prompt(question).system


@pytest.mark.parametrize(
    "data",
    ["The manual is written in Chinese only.", "Bought in German blue.", "I can explain wok.",
     "Translate this?", "Write a title for a query!"],
)  # fmt: skip
@pytest.mark.parametrize(
    "asked", ["Summarize the review in one sentence.\nReview: {}", "Summarize this review: {}",
              "Summarize the review '{}'"],
)  # fmt: skip
def test_the_data_choose_no_role(asked: str, data: str) -> None:
    question = read(AnswerRequest(asked.format(data), task=Task.GENERATION))
    assert scenario(question) is Scenario.READER


def test_what_is_to_be_done_may_stand_after_a_long_text() -> None:
    assert (
        scenario(Question(Task.GENERATION, "x " * 9_000 + "Write a slogan.")) is Scenario.MARKETER
    )


def test_a_phrase_is_copied_by_who_reads_reviews() -> None:
    question = Question(Task.GENERATION, "Write the title's colour.", source="a blue one")
    assert scenario(question) is Scenario.READER


def test_every_role_is_another() -> None:
    assert set(ROLES) == set(Scenario)
    assert len(set(ROLES.values())) == len(Scenario)
