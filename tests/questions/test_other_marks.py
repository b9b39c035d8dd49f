"""Labels in marks that are not the usual ones, and lists that are none of options."""
# ruff: noqa: RUF001 - signs of other scripts are what is read

from __future__ import annotations

import pytest
from asking import asked, names, texts

from service.errors import UnreadableQuestion
from service.question import Task


@pytest.mark.parametrize(
    "listed",
    [
        "(1)kite(2)drum(3)bell",
        "[1]kite[2]drum[3]bell",
        "（１）kite（２）drum（３）bell",
        "> 1. kite\n> 2. drum\n> 3. bell",
        "Toy 1: kite\nToy 2: drum\nToy 3: bell",
        "1\ufe0f\u20e3 kite\n2\ufe0f\u20e3 drum\n3\ufe0f\u20e3 bell",
        "| # | toy |\n|---|---|\n| 1 | kite |\n| 2 | drum |\n| 3 | bell |",
        "<br>1. kite<br/>2. drum<br />3. bell",
        "ก. kite\nข. drum\nค. bell",
        "א. kite\nב. drum\nג. bell",
    ],
)
def test_they_are_read(listed: str) -> None:
    question = asked(f"Which toy flies?\n{listed}")
    assert (names(question), texts(question)) == ("1 2 3", ["kite", "drum", "bell"])


def test_brackets_within_an_option_stay() -> None:
    question = asked("Which toy?\n1. kite: (1)red(2)blue(3)pink\n2. drum")
    assert texts(question) == ["kite: (1)red(2)blue(3)pink", "drum"]


def test_two_things_that_are_compared_are_no_options() -> None:
    pair = "Toy A: kite\nToy B: string\n"
    assert texts(asked(f"Does one need the other?\n{pair}0. Yes\n1. No\nAnswer:")) == ["Yes", "No"]
    assert texts(asked(f"{pair}How are they related?\nOptions: parts, rivals")) == [
        "parts",
        "rivals",
    ]
    assert asked(f"Are they sold together?\n{pair}Answer with yes or no.").options == ()
    assert names(asked(f"Which one flies?\n{pair}")) == "A B"


def test_steps_are_no_options() -> None:
    text = "Which toy flies?\nStep 1: read\nStep 2: think\nOptions: kite, drum"
    assert texts(asked(text)) == ["kite", "drum"]


def test_labels_go_on_behind_999_and_z() -> None:
    numbered = "\n".join(f"{n}. toy {n}" for n in range(997, 1003))
    assert names(asked(f"Which?\n{numbered}")) == "997 998 999 1000 1001 1002"
    letters = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB"]
    lettered = "\n".join(f"{letter}. toy {letter}" for letter in letters)
    assert names(asked(f"Which?\n{lettered}")) == " ".join(letters)


def test_years_and_words_are_no_labels() -> None:
    text = "Which?\n1. kite\n1999. A year.\n2. drum\nAM. is a station"
    assert len(asked(text).options) == 2


def test_a_list_that_counts_down_is_named_whole() -> None:
    with pytest.raises(UnreadableQuestion, match="numbered 4, 3, 2, 1: 3 follows 4"):
        asked("Which?\n4. kite\n3. drum\n2. bell\n1. top")


def test_several_questions_are_told() -> None:
    with pytest.raises(UnreadableQuestion, match="several questions"):
        asked("1. Which flies? A. kite B. drum\n2. Which rings? A. bell B. top")


@pytest.mark.parametrize(
    "order", ["Choose from: kite, drum, bell", "Select one: [kite, drum, bell]"]
)
def test_a_row_behind_an_order(order: str) -> None:
    assert texts(asked(f"Something to fly is wanted. {order}")) == ["kite", "drum", "bell"]


NOTE = "No options were found to choose from: the answer is written."


@pytest.mark.parametrize(
    "text",
    ["Select the toy that flies.", "Which of these toys flies?\nkite drum", "Rank the toys."],
)
def test_a_choice_without_options_is_noted(text: str) -> None:
    question = asked(text)
    assert (question.task, question.notes) == (Task.GENERATION, (NOTE,))


@pytest.mark.parametrize("text", ["Which toy flies?", "Explain what a kite is.", "Write a slogan."])
def test_what_needs_no_options_is_not_noted(text: str) -> None:
    assert asked(text).notes == ()
