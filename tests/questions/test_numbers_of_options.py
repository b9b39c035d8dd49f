"""A number says how many options are wanted only where it counts them."""
# ruff: noqa: RUF001 - signs of other scripts are what is read

from __future__ import annotations

import pytest
from asking import asked

from service.errors import UnreadableQuestion
from service.question import Task

ONE, ALL, SOME = Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL
LIST = "\n1. hammock\n2. lamp\n3. mug\n4. rug\n5. vase\n6. clock"


@pytest.mark.parametrize("task", [None, ONE])
@pytest.mark.parametrize(
    "stem",
    [
        "Which 3 burner stove is the lightest?",
        "Select the 5 drawer chest.",
        "Which is the best 3 in 1 coat?",
        "The lamp is in the top 5. Which one is it?",
        "Our top 4 seller needs a mate. Which is it?",
        "They give 2 stars. What is the mood?",
        "Based on the top 3 reviews, which thing is the best?",
        "Which of the things is on the best 5 list?",
    ],
)
def test_numbers_within_what_is_asked_count_nothing(stem: str, task: Task | None) -> None:
    question = asked(stem + LIST, task=task)
    assert (question.task, question.choose, question.notes) == (ONE, 1, ())


@pytest.mark.parametrize(
    "stem",
    [
        "Rank these by how they suit the best 3 in 1 coat.",
        "Our top 4 seller needs a mate. Rank these.",
    ],
)
def test_they_cut_no_ranking(stem: str) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (ALL, 6)


@pytest.mark.parametrize(
    ("stem", "count"),
    [
        ("What are the top 4 things?", 4),
        ("Top 2 things for a tent?", 2),
        ("Which 3 would you take?", 3),
        ("List the 3 best things for a balcony.", 3),
        ("Output the most fitting 2 things.", 2),
        ("Give me the best two.", 2),
        ("Select both products that hang.", 2),
        ("Choose a pair that hangs.", 2),
        ("Pick a couple for a balcony.", 2),
        ("Which 2 or 3 things hang?", 3),
    ],
)
def test_numbers_that_count(stem: str, count: int) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (SOME, count)


def test_a_type_overrules_what_is_only_likely() -> None:
    question = asked("What are the top 3 things?" + LIST, task=ONE)
    said = "The text seems to ask for 3 options; the type multiple_choice was followed."
    assert (question.task, question.notes) == (ONE, (said,))


def test_a_type_does_not_overrule_an_order() -> None:
    with pytest.raises(UnreadableQuestion):
        asked("You should output three numbers." + LIST, task=ONE)


def test_a_ranking_that_is_there_is_not_asked_for() -> None:
    question = asked("Here is a ranking of things. Which one hangs?" + LIST)
    assert question.task is ONE


@pytest.mark.parametrize(
    "stem",
    [
        "Query: something to hang\nSort the six things by relevance, best first.",
        "Give all six numbers, the best first.",
    ],
)
def test_the_best_first_is_a_ranking(stem: str) -> None:
    assert asked(stem + LIST).task is ALL


def test_an_order_in_the_line_of_a_text() -> None:
    question = asked("Review: It hangs well. It was cheap. Please select 2 aspects." + LIST)
    assert (question.task, question.choose) == (SOME, 2)
    question = asked("Review: I love it. Pick it up on sale." + LIST)
    assert (question.task, question.choose) == (ONE, 1)


@pytest.mark.parametrize("task", [None, ONE])
@pytest.mark.parametrize(
    "stem",
    [
        "Choose 4 stroke fuel.",
        "Pick the three tone rug.",
        "Select 4 ingredient soap.",
        "Choose the 5 slice grill for a party.",
        "Select two handle cookware.",
        "Pick three quarter trousers.",
        "Choose 3 d puzzles.",
        "Which 4 handle basket is the best?",
        "Choisis le meilleur 3 en 1.",
        "Elige la mejor crema 2 en 1.",
        "Wybierz 2 w 1.",
        "Выберите 2 в 1.",
        "Das beste 4 in 1 auswählen.",
        "选择最轻的4件套餐具。",
        "请选择2个装的杯子。",
        "2点セットを選んでください。",
        "4本組を選んでください。",
        "2개 세트를 고르세요.",
        "4 kişilik masayı seçin.",
        "5 litrelik kovayı seçin.",
    ],
)
def test_a_number_of_one_thing(stem: str, task: Task | None) -> None:
    question = asked(stem + LIST, task=task)
    assert (question.task, question.choose, question.notes) == (ONE, 1, ())


@pytest.mark.parametrize(
    ("stem", "count"),
    [
        ("Pick two.", 2),
        ("Choose three of the things.", 3),
        ("Pick the two cheapest.", 2),
        ("Select the three most fragile.", 3),
        ("Choose 2 women's hats.", 2),
        ("Pick two wooden things.", 2),
        ("Choose three product from the list.", 3),
        ("Choose two, divided by a comma.", 2),
        ("Which 2 suit a tent?", 2),
        ("Pick three related to a tent.", 3),
        ("Pick two, comma-separated.", 2),
        ("Choose 2 thing matching the review.", 2),
        ("Choose three altogether.", 3),
        ("Wähle drei Dinge.", 3),
        ("选择2个装饰品。", 2),
        ("2点を選んでください。", 2),
        ("2개를 고르세요.", 2),
        ("2 ürün seçin.", 2),
    ],
)
def test_a_number_of_things(stem: str, count: int) -> None:
    question = asked(stem + LIST)
    assert (question.task, question.choose) == (SOME, count)
    question = asked(stem + LIST, task=ONE)
    said = f"The text seems to ask for {count} options; the type multiple_choice was followed."
    assert (question.task, question.choose, question.notes) == (ONE, 1, (said,))


@pytest.mark.parametrize(
    "stem",
    [
        "Give two indices.",
        "Pick exactly three of these.",
        "Wähle genau zwei.",
        "请输出三个编号。",
        "Select from two to three things.",
    ],
)
def test_an_outright_number_is_no_multiple_choice(stem: str) -> None:
    with pytest.raises(UnreadableQuestion, match=r"asks for [23] options"):
        asked(stem + LIST, task=ONE)


@pytest.mark.parametrize(
    "stem", ["Pick the worst and the best.", "Name the most useful thing and the least useful one."]
)
def test_both_ends_are_two(stem: str) -> None:
    assert (asked(stem + LIST).task, asked(stem + LIST).choose) == (SOME, 2)


@pytest.mark.parametrize(
    "stem", ["Pick the best and the lightest.", "Which one is about the best and the worst?"]
)
def test_two_ends_of_nothing_are_one(stem: str) -> None:
    assert asked(stem + LIST).task is ONE


@pytest.mark.parametrize(
    "stem", ["How many of these hang on a wall?", "Wie viele davon hängen an der Wand?"]
)
def test_options_are_not_counted(stem: str) -> None:
    notes = asked(stem + LIST).notes
    assert notes == ("Options are named here, and not how many there are.",)
    assert asked(stem, options=("two", "three", "none")).notes == ()


def test_what_else_is_counted_needs_no_note() -> None:
    assert asked("How many people fit a hammock?" + LIST).notes == ()
