"""A named type that the question contradicts is refused; one that it only does not name is not."""

from __future__ import annotations

import pytest
from asking import asked

from service.errors import UnreadableQuestion
from service.question import Task

ONE, ALL, SOME = Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL
LIST = "\n1. kettle\n2. teapot\n3. sieve\n4. cup"


@pytest.mark.parametrize(
    ("text", "task", "said"),
    [
        ("Select all that apply to tea.", ONE, "all options that apply"),
        ("Choose one or more things.", ONE, "all options that apply"),
        ("选出所有合适的产品。", ONE, "all options that apply"),
        ("Select between 2 and 3 things.", ONE, "3 options"),
        ("Rank the things by price.", ONE, "a ranking"),
        ("Choose one.", ALL, "1 option"),
        ("Select three things.", ALL, "3 options"),
        ("Select all that apply to tea.", ALL, "all options that apply"),
        ("Write a slogan.", ALL, "a text to be written"),
        ("Write a slogan.", ONE, "a text to be written"),
        ("Please compose a short poem about tea.", SOME, "a text to be written"),
        ("Schreibe eine Geschichte.", ALL, "a text to be written"),
        ("Rank these.", SOME, "a ranking"),
        ("Please sort the things by price.", SOME, "a ranking"),
        ("You should output a permutation of 1 to 4.", SOME, "a ranking"),
        ("Ordne die Dinge nach Preis.", SOME, "a ranking"),
    ],
)
def test_a_contradicted_type_is_refused(text: str, task: Task, said: str) -> None:
    with pytest.raises(UnreadableQuestion) as error:
        asked(text + LIST, task=task)
    assert error.value.message == f"The task is {task}, but the question asks for {said}."
    assert "type" in error.value.hint


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Which one is made of tin?", ALL),
        ("Things for tea.", ALL),
        ("Select 4 things.", ALL),
        ("Rank the things and output the top 2.", ALL),
        ("Which one is made of tin?", SOME),
        ("Choose one.", SOME),
        ("Rank the things and output the top 2.", SOME),
        ("Select the things with the best sales rank.", SOME),
        ("Select between 1 and 3 things.", ONE),
        ("Things for tea.", ONE),
        ("Choose 1 of all the things.", ONE),
        ("在所有选项中选择一个。", ONE),
        ("すべての商品の中で、どれが一番安いですか。", ONE),
        ("Write a number.", ONE),
        ("Write the number of the cheapest.", ONE),
        ("Generate only the index.", ONE),
        ("Describe the thing.", ONE),
        ("Write a comma-separated list.", SOME),
        ("Create a ranking.", ALL),
    ],
)
def test_what_is_merely_not_said_is_allowed(text: str, task: Task) -> None:
    assert asked(text + LIST, task=task).task is task


@pytest.mark.parametrize(
    ("text", "task", "k"),
    [
        ("Select all that apply to tea.", ONE, 1),
        ("Select 3 things.", ONE, 1),
        ("Choose one.", ALL, 4),
        ("Rank these.", SOME, 2),
    ],
)
def test_k_says_what_is_meant_all_the_same(text: str, task: Task, k: int) -> None:
    question = asked(text + LIST, task=task, k=k)
    assert (question.task, question.choose) == (task, k)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Select between 2 and 3 things.", 2, 3),
        ("Please choose 2 to 3 things", 2, 3),
        ("Pick 2-4 things for tea.", 2, 4),
        ("Choose one or two things.", 1, 2),
        ("Name from two to three things.", 2, 3),
        ("Nenne zwei bis drei Dinge.", 2, 3),
        ("Choisissez entre deux et trois objets.", 2, 3),
        ("Elige entre dos y tres cosas.", 2, 3),
        ("请选择2到3个产品。", 2, 3),
        ("请选出两至三个产品。", 2, 3),
    ],
)
def test_of_a_range_the_larger_number_counts(text: str, low: int, high: int) -> None:
    question = asked(text + LIST)
    assert (question.task, question.choose) == (SOME, high)
    assert question.notes == (
        f"The question asks for {low} to {high} options; {high} will be named.",
    )
    assert asked(text + LIST, k=2).notes == ()


@pytest.mark.parametrize(
    "text", ["Choose 1 or 2.", "Choose between 1 and 4.", "Pick from 1 to 4 the best."]
)
def test_labels_are_no_range(text: str) -> None:
    assert asked(text + LIST).task is ONE


@pytest.mark.parametrize(
    "text",
    ["Sort the following:", "Please sort these things.", "Arrange the things.", "Reorder them."],
)
def test_what_is_to_be_sorted_is_ranked(text: str) -> None:
    question = asked(text + LIST)
    assert (question.task, question.choose) == (ALL, 4)
