# ruff: noqa: RUF001 - signs of other scripts are what these read
"""Whatever heads a list, what the asker says behind it is heard."""

from __future__ import annotations

import pytest
from asking import asked, texts

from service.question import Task

LAMPS = ["oil lamp", "torch", "garden gnome", "head lamp"]
LISTED = "\n".join(f"{n}. {text}" for n, text in enumerate(LAMPS, start=1))

HEADINGS = [
    "",
    "Product List:",
    "Lamps:",
    "Lamps to choose from:",
    "Products to compare:",
    "Available lamps:",
    "Search results:",
    "Review Snippets:",
    "Possible next queries:",
    "Product titles:",
    "Aspect names:",
    "Lamp details:",
    "Reviews:",
    "**Lamps on offer:**",
    "### Lamps on offer:",
    "Artikel zur Auswahl:",
    "Elenco dei prodotti:",
    "商品一览：",
]
ORDERS = [
    ("Select three numbers only.", Task.RETRIEVAL, 3),
    ("You should output two numbers, separated by a comma. Say nothing else.", Task.RETRIEVAL, 2),
    ("You should output a permutation of 1 to 4.", Task.RANKING, 4),
    ("Rank them by how bright they are.", Task.RANKING, 4),
    ("Which one would a miner wear?", Task.MULTIPLE_CHOICE, 1),
    ("Respond with the number of the best one only.", Task.MULTIPLE_CHOICE, 1),
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize(("order", "task", "choose"), ORDERS)
def test_the_order_behind_the_list_is_heard(
    heading: str, order: str, task: Task, choose: int
) -> None:
    asker = "A miner looks for light under the query 'lamp for caves'."
    for named in (None, task):
        question = asked(f"{asker}\n{heading}\n{LISTED}\n{order}\nOutput:", task=named)
        assert (question.task, question.choose) == (task, choose)
        assert texts(question) == LAMPS
        assert question.focus.startswith("lamp for caves")
        assert question.stem.startswith(asker)
        assert question.stem.endswith(order)


@pytest.mark.parametrize("heading", HEADINGS[1:])
def test_a_labelled_text_is_the_focus_whatever_heads_the_list(heading: str) -> None:
    question = asked(
        f"Select two lamps.\nReview: It shines far.\n{heading}\n{LISTED}\nOnly give numbers."
    )
    assert (question.task, question.choose) == (Task.RETRIEVAL, 2)
    assert question.focus == "It shines far."


@pytest.mark.parametrize(
    "heading", ["Lamps:", "Available products:", "Search results:", "Product titles:", "Elenco:"]
)
def test_what_heads_nothing_any_more_goes(heading: str) -> None:
    question = asked(f"Which one is for miners?\n{heading}\n{LISTED}\nAnswer briefly.")
    assert question.stem == "Which one is for miners?\nAnswer briefly."


@pytest.mark.parametrize("open_end", ["The miner then wants:", "Needed under ground:"])
def test_an_open_end_is_what_is_asked_and_stays(open_end: str) -> None:
    question = asked(f"Ann works in a mine.\n{open_end}\n0. light\n1. skis\nAnswer with a number.")
    assert question.stem == f"Ann works in a mine.\n{open_end}\nAnswer with a number."


def test_what_a_heading_cites_is_content() -> None:
    question = asked(f"Select two.\nResults for 'mine lamp':\n{LISTED}\nOnly give numbers.")
    assert (question.choose, question.focus) == (2, "mine lamp")


@pytest.mark.parametrize(
    "opening", ["Saída:", "Cevap:", "출력:", "Ответ:", "Antwoord:", "Odpowiedź:"]
)
def test_what_opens_the_answer_is_no_part_of_the_stem(opening: str) -> None:
    assert asked(f"Which?\n{LISTED}\n{opening}").stem == "Which?"


@pytest.mark.parametrize(
    ("heading", "order"),
    [
        ("Review", "How would you score the review from 1 to 10?"),
        ("Review", "Rate the review on a scale of 1 to 10."),
        ("Comment", "How pleased is she, from 1 to 10 stars?"),
    ],
)
def test_what_is_asked_right_below_a_text_is_the_askers(heading: str, order: str) -> None:
    question = asked(f"{heading}: The lamp went out. Was it 2 to 3 days old?\n{order}\nAnswer:")
    assert (len(question.options), question.focus) == (
        10,
        "The lamp went out. Was it 2 to 3 days old?",
    )


def test_a_text_may_ask_in_its_midst() -> None:
    text = "It went out.\nWho sells such lamps?\nNot for me."
    assert asked(f"Which aspect is meant?\nReview: {text}\n\n1. price\n2. quality").focus == text
