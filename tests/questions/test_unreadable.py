from __future__ import annotations

import pytest
from asking import asked

from service.errors import UnreadableQuestion
from service.question import Task

LIST = "\n1. desk\n2. lamp\n3. rug"


def refused(question: str, **more: object) -> str:
    with pytest.raises(UnreadableQuestion) as error:
        asked(question, **more)
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200b", "\x00\x01", "\ufeff"])
def test_nothing_is_asked(text: str) -> None:
    assert refused(text) == "The question is empty."


def test_far_too_long() -> None:
    assert refused("a " * 50_000) == "The question has 100,000 characters; at most 32,000 are read."
    assert asked("a" * 32_000).task is Task.GENERATION


@pytest.mark.parametrize("task", [Task.MULTIPLE_CHOICE, Task.RANKING, Task.RETRIEVAL])
@pytest.mark.parametrize("text", ["Which desk?", "Which?\n- oak", "Is it oak or ash?"])
def test_no_options(text: str, task: Task) -> None:
    assert "no options were found" in refused(text, task=task)


@pytest.mark.parametrize("task", [Task.RANKING, Task.RETRIEVAL])
def test_a_scale_is_nothing_to_rank(task: Task) -> None:
    assert "no options were found" in refused("Rate it on a scale of 1 to 5.", task=task)


def test_too_many_options() -> None:
    lines = "\n".join(f"{n}. x" for n in range(501))
    assert refused(f"Which?\n{lines}") == "There are 501 options; at most 500 are read."
    assert "501 options" in refused("Which?", options=("x",) * 501)


def test_options_that_are_no_options() -> None:
    assert 'list "options" is empty' in refused("Which?", options=())
    assert refused("Which?", options=("oak", " ")) == "Option 2 has no text."
    assert refused("Which?\n1. oak\n2.\n3. ash") == "Option 2 has no text."
    assert "Option 1 has 4,001 characters" in refused("Which?", options=("x" * 4_001, "y"))
    assert "at most 4,000" in refused("Which?\n1. oak\n2. " + "y" * 4_001)


def test_options_and_no_question() -> None:
    assert "nothing that is asked" in refused(LIST)
    assert "nothing that is asked" in refused("Answer:", options=("oak", "ash"))


@pytest.mark.parametrize("k", [0, -1, 4])
@pytest.mark.parametrize("task", [None, Task.RETRIEVAL, Task.RANKING, Task.MULTIPLE_CHOICE])
def test_a_number_that_cannot_be(k: int, task: Task | None) -> None:
    assert f"k is {k}" in refused("Select some." + LIST, k=k, task=task)


def test_k_below_one_for_texts() -> None:
    assert "at least 1" in refused("Explain desks.", k=0)


def test_contradictions() -> None:
    one = Task.MULTIPLE_CHOICE
    assert "asks for 2 options" in refused("Choose exactly two." + LIST, task=one)
    assert "asks for a ranking" in refused("Rank the products." + LIST, task=one)
    assert "k is 2" in refused("Which?" + LIST, task=one, k=2)
    assert "names all 3 options, but k is 2" in refused("Rank them." + LIST, task=Task.RANKING, k=2)
    assert "k is 3" in refused("Rate it on a scale of 1 to 5.", task=one, k=3)


@pytest.mark.parametrize(
    "text",
    [
        "1. " * 10_000,
        "(" * 32_000,
        "'" * 32_000,
        "1.\n" * 10_000,
        "a:\n" * 10_000,
        "A. x " * 6_000,
        "\ud800 1. \ud800",
    ],
)
@pytest.mark.parametrize("task", [None, *Task])
def test_anything_is_read_or_refused(text: str, task: Task | None) -> None:
    try:
        question = asked(text, task=task)
    except UnreadableQuestion as error:
        assert error.hint  # noqa: PT017 - either is right
    else:
        assert question.stem
        assert question.focus


@pytest.mark.parametrize("text", ["<<<", "4.2.4.2", "?!", "12", "\U0001f642"])
@pytest.mark.parametrize("task", [None, Task.GENERATION])
def test_no_words(text: str, task: Task | None) -> None:
    assert refused(text, task=task) == "The question has no words."


@pytest.mark.parametrize("text", ["笔?", "a", "क्या", "1 + 1 = x"])
def test_one_letter_is_a_question(text: str) -> None:
    assert asked(text).stem == text


def test_no_words_beside_options() -> None:
    assert asked("1 + 1 = ?", options=("2", "3")).choose == 1
