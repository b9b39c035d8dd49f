"""A verb of writing asks for a text, unless it is an option's number that is to be written."""

from __future__ import annotations

import pytest
from asking import asked

from service.question import Task

FROM_ZERO = "\n0. kitchen\n1. garden\n2. music\nOutput:"
FROM_ONE = "\n1. 2 litres\n2. steel\n3. with a lid\nOutput:"


@pytest.mark.parametrize(
    "stem",
    [
        "Write the number of the room in which a trowel is used.",
        "Generate only the correct index for a trowel.",
        "Write the letter or number that fits a trowel.",
        "Describe the use of a trowel by one of the following.",
        "Explain a trowel with the best of the words below; choose.",
        "Schreibe die Nummer des Ortes für eine Kelle.",
    ],
)
def test_the_name_of_an_option_is_no_text(stem: str) -> None:
    question = asked(stem + FROM_ZERO)
    assert (question.task, question.choose) == (Task.MULTIPLE_CHOICE, 1)


@pytest.mark.parametrize(
    "stem",
    [
        "You know pots. Given the features below, please write a lively description.\nFeatures:",
        "With these features, compose a product title.",
        "You should write a short slogan about a pot with these features.",
        "You will be given features. Your task is to generate a title.",
        "Could you summarize these features",
        "Beschreef is niets. Schrijf een titel.",
        "Напишите описание товара.",
    ],
)
def test_a_text_is_asked_for_later_in_a_sentence_too(stem: str) -> None:
    question = asked(stem + FROM_ONE)
    assert (question.task, question.options) == (Task.GENERATION, ())
    assert "2. steel" in question.stem


def test_what_others_write_is_not_asked_for() -> None:
    question = asked(
        "A customer wants to write a review and describe a pot. What will she say?" + FROM_ONE
    )
    assert question.task is Task.MULTIPLE_CHOICE


def test_pieces_of_a_text_that_is_itself_a_list() -> None:
    question = asked(
        "Extract the materials mentioned in the sentences:\n1. A steel pot.\n2. A tin lid."
    )
    assert (question.task, question.options) == (Task.ENTITIES, ())
    assert question.source == "1. A steel pot.\n2. A tin lid."


def test_pieces_of_a_labelled_text_may_be_options() -> None:
    question = asked(
        "Which aspects are covered? Extract them from the review.\nReview: A fine lid.\n"
        "Aspects:\n1. lid\n2. handle\n3. price"
    )
    assert len(question.options) == 3
