"""A text may count its points: they are no options where others are, or where a scale is asked."""

from __future__ import annotations

import pytest
from asking import asked, names, texts

from service.question import Task

SCALE = "Rate the review on a scale of 1 to 5, with 1 being awful and 5 being superb."
SAID = [
    "1. the zip is stiff\n2. the straps are short",
    "A - the zip is stiff\nB - the straps are short",
    "1) stiff zip 2) short straps 3) odd smell",
    "- stiff zip\n- short straps",
    "1. stiff zip",
    "1. stiff zip\n3. short straps",
    "Good:\n1. cheap\n2. light\nBad:\n1. stiff zip",
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("label", ["Review: A rucksack.\n", "Review: ", "Input: of a rucksack\n"])
@pytest.mark.parametrize("task", [None, Task.MULTIPLE_CHOICE])
def test_a_scale_is_asked_and_the_list_is_what_is_rated(
    said: str, label: str, task: Task | None
) -> None:
    question = asked(f"{SCALE}\n{label}{said}\nWould I buy it again? No.\nAnswer:", task=task)
    assert (question.task, names(question)) == (Task.MULTIPLE_CHOICE, "1 2 3 4 5")
    assert texts(question) == list("12345")
    assert question.ends == ("awful", "superb")
    assert said in question.stem


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            f"{SCALE}\nReview: Fine.\n1. awful\n2. poor\n3. fair\n4. good\n5. superb\nAnswer:",
            "1 2 3 4 5",
        ),
        ("How many stars from 1 to 3 is it?\nA. 1\nB. 2\nC. 3\nReview: Fine.", "A B C"),
        (
            "The bag was given stars from 1 to 5. Which mood fits?\nReview: Fine.\nA. glad\nB. sad",
            "A B",
        ),
        (f"{SCALE}\nReview: Fine.\nOptions:\nA. below 3\nB. 3 and more\nAnswer:", "A B"),
        ("On a scale of 1 to 5 it got 4. Which of these fits?\n0. glad\n1. sad", "0 1"),
        ("Rate 1 to 5, then rank them by rating.\n1. bag\n2. box\n3. tin", "1 2 3"),
    ],
)
def test_options_beside_a_scale_are_options(text: str, labels: str) -> None:
    assert names(asked(text)) == labels


def test_ends_of_a_scale_in_lines_are_no_options() -> None:
    text = "Rate the bag from 1 to 5:\n1 - no good at all\n5 - all I want\nReview: Fine.\nAnswer:"
    question = asked(text)
    assert names(question) == "1 2 3 4 5"
    assert question.ends == ("no good at all", "all I want")


@pytest.mark.parametrize(
    "text",
    [
        "1. Rinse it.\n2. Dry it.\n3. Store it.",
        "Pros:\n1. light\n2. cheap\nCons:\n1. loud",
        "Use:\n0. Fill\n1. Shake",
        "Made for\n1. camps\n2. boats",
    ],
)
@pytest.mark.parametrize("listed", ["0. kitchen\n1. garden\n2. music", "1. kitchen\n2. garden"])
def test_a_list_right_above_the_options(text: str, listed: str) -> None:
    question = asked(
        f"Which category suits this?\nProduct Description: A flask.\n{text}\n{listed}\nAnswer:"
    )
    assert texts(question) == [line[3:] for line in listed.split("\n")]
    assert text.rpartition("\n")[2] in question.stem


def test_two_whole_lists_are_noted() -> None:
    question = asked("Which fits a flask?\n1. Rinse\n2. Dry\n1. kitchen\n2. garden\nAnswer:")
    assert texts(question) == ["kitchen", "garden"]
    assert any("2 numbered lists" in note for note in question.notes)


@pytest.mark.parametrize(
    "behind",
    [
        "Review: mostly good:\n1. it is warm\n2. it is dry",
        "Review: Nice.\nIt is\n1. warm\n2. dry",
        "Review:\n1. warm\n2. dry",
        "Example: Is the shop open?\n1. open\n2. shut\nAnswer: 2",
    ],
)
def test_a_list_behind_the_options(behind: str) -> None:
    question = asked(f"Would she buy the tent again?\n0. yes\n1. no\n{behind}\nAnswer:")
    assert (names(question), texts(question)) == ("0 1", ["yes", "no"])
    assert behind.split("\n")[-2] in question.stem


def test_a_text_may_begin_with_the_options() -> None:
    question = asked("0. yes\n1. no\n\nReview: It is\n1. light\n2. dry\nDoes she like the review?")
    assert texts(question) == ["yes", "no"]


def test_a_text_may_begin_with_rules() -> None:
    question = asked("1. Read it.\n2. Pick one.\nReview: Dull.\nA. glad\nB. bored\nAnswer:")
    assert texts(question) == ["glad", "bored"]


@pytest.mark.parametrize("heading", ["Attributes", "Product details", "Reviews", "Specs"])
@pytest.mark.parametrize(
    "order",
    [
        "How many litres does it hold?",
        "Given what is said, please write a line that sells it.",
        "Is it safe for children?",
    ],
)
def test_a_list_that_is_a_text_is_no_options(heading: str, order: str) -> None:
    question = asked(f"A kettle.\n{heading}:\n1. two litres\n2. steel\n3. red\n\n{order}")
    assert (question.task, question.options) == (Task.GENERATION, ())
    assert question.notes == ("The list numbered 1 to 3 was read as part of the text.",)


@pytest.mark.parametrize(
    "order",
    [
        "Which attribute matters to a child?",
        "Select the one that matters to a child.",
        "Identify what matters to a child. Output the number only.",
        "Rank them by how much they matter.",
    ],
)
def test_it_is_where_something_is_picked_from_it(order: str) -> None:
    question = asked(f"A kettle.\n{order}\nAttributes:\n1. volume\n2. metal\n3. colour\nOutput:")
    assert texts(question) == ["volume", "metal", "colour"]


@pytest.mark.parametrize(
    "order",
    [
        "Describe the mood of the review.",
        "Translate the query 'blue kettle' to German.",
        "Generate the group that the kettle belongs to.",
        "Explain why she sent it back.",
    ],
)
@pytest.mark.parametrize(("one", "other"), [("0", "1"), ("A", "B")])
def test_a_list_that_an_answer_closes_is_one_of_options(order: str, one: str, other: str) -> None:
    listed = f"{order}\n{one}. blauer Topf\n{other}. blauer Kessel"
    question = asked(f"{listed}\nAnswer:")
    assert (question.task, names(question)) == (Task.MULTIPLE_CHOICE, f"{one} {other}")
    assert asked(listed).task is Task.GENERATION


def test_a_text_is_written_from_a_list_all_the_same() -> None:
    assert asked("Write a slogan for these.\n0. kettle\n1. mug\nAnswer:").options == ()
    assert asked("Describe a tea set of these.\n1. kettle\n2. mug\nOutput:").options == ()
