# ruff: noqa: RUF001 - signs of other scripts are what these read
"""Options that nobody numbered are read where something is to be chosen, and a note says so."""

from __future__ import annotations

import pytest
from asking import asked, names, texts

from service.errors import UnreadableQuestion
from service.question import Task

TOOLS = ["saw", "rake", "hoe"]
NOTE = "The options are not numbered in the text; they were numbered 1 to 3."


@pytest.mark.parametrize(
    "listed",
    [
        "- saw\n- rake\n- hoe",
        "* saw\n* rake\n* hoe",
        "• saw\n• rake\n• hoe",
        "•saw\n•rake\n•hoe",
        "  - saw\n  - rake\n  - hoe",
        "- saw\n\n- rake\n\n- hoe",
        "Options:\n- saw\n- rake\n- hoe",
        "Options: saw, rake, hoe",
        "Options: saw, rake or hoe.",
        "**Choices:** saw; rake; hoe",
        "Answer choices: saw | rake | hoe",
        "Optionen: saw, rake oder hoe",
        "选项：saw、rake、hoe",
        "Options:\nsaw\nrake\nhoe",
    ],
)
@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("", ""),
        ("\nAnswer:", ""),
        ("\n\nAnswer with one of them only.", "\nAnswer with one of them only."),
    ],
)
def test_options_without_numbers(listed: str, end: str, said: str) -> None:
    question = asked(f"Which tool cuts wood?\n{listed}{end}")
    assert (names(question), texts(question)) == ("1 2 3", TOOLS)
    assert (question.task, question.notes) == (Task.MULTIPLE_CHOICE, (NOTE,))
    assert question.stem == f"Which tool cuts wood?{said}"


def test_they_may_be_ranked_and_several_be_chosen() -> None:
    listed = "\n- saw\n- rake\n- hoe\nOutput:"
    assert asked(f"Rank the tools by price.{listed}").task is Task.RANKING
    assert asked(f"Select 2 tools.{listed}").choose == 2
    assert asked(f"Tools.{listed}", task=Task.RETRIEVAL).choose == 3


def test_bullets_run_over_lines() -> None:
    question = asked("Which kit?\n- saw\nwith a case\n- rake\n  - short\n  - long\n- hoe")
    assert texts(question) == ["saw\nwith a case", "rake\n  - short\n  - long", "hoe"]


def test_the_last_bullets_are_the_options() -> None:
    question = asked("The shed holds:\n- rope\n- tar\n\nWhich tool is missing?\n- saw\n- hoe")
    assert texts(question) == ["saw", "hoe"]
    assert "- tar" in question.stem


def test_numbered_options_come_first() -> None:
    question = asked("Which suits?\n- cheap\n- light\n1. saw\n2. hoe")
    assert texts(question) == ["saw", "hoe"]
    assert "- light" in question.stem


def test_numbered_rules_do_not() -> None:
    text = "Rules:\n1. Be brief.\n2. Be sure.\n\nWhich tool cuts wood?\n- saw\n- rake\n- hoe"
    assert texts(asked(text)) == TOOLS


@pytest.mark.parametrize(
    "text",
    [
        "Write a title for the best tool.\n- sharp\n- light",
        "Which month suits this tool?\nFeatures:\n- sharp\n- light",
        "A tool.\n- sharp\n- light",
    ],
)
def test_bullets_may_be_part_of_the_text(text: str) -> None:
    question = asked(text)
    assert (question.task, question.options) == (Task.GENERATION, ())
    assert question.notes == ("The unnumbered list was read as part of the text.",)


@pytest.mark.parametrize(
    "text",
    [
        "Which tool?\n- saw",
        "Which tool?\nOptions: saw",
        "Which tool is it?\n- Answer briefly.\n- Do not explain.",
        "Which tool is well-made - saw - or not?",
    ],
)
def test_what_is_no_list_at_all(text: str) -> None:
    assert asked(text).options == ()
    with pytest.raises(UnreadableQuestion, match="no options were found"):
        asked(text, task=Task.MULTIPLE_CHOICE)


def test_their_bounds_are_those_of_all_options() -> None:
    with pytest.raises(UnreadableQuestion, match="501 options"):
        asked("Which?\nOptions: " + ", ".join(map(str, range(501))))
    with pytest.raises(UnreadableQuestion, match="at most 4,000"):
        asked(f"Which?\n- saw\n- {'x' * 4_001}")
