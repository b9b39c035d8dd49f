# ruff: noqa: RUF001 - signs of other scripts are what these read
"""Whatever is sent is read, or refused with a reason; nothing else ever comes out."""

from __future__ import annotations

import pytest
from growth import LARGE, grows_evenly
from hypothesis import given
from hypothesis import strategies as st

from service.errors import UnreadableQuestion
from service.question import AnswerRequest, Question, Task
from service.questions.read import LONGEST_QUESTION, read

# Letters whose small or large form is an ASCII letter, or more than one character, among them.
SIGNS = "İıſKßŉǅΐÅAaIiVvXx0129٣३²½①⓪１Ａ .,:;)(]['\"*_#->•、。？|/\t\n\u0307\u200d\ud800"
PIECES = [
    "\n1. ", "\n2. ", "\n3) ", "\nİ. ", "\nK) ", "\nſ. ", "\nII. ", "\niv) ", "\n**A.** ", "\n- ",
    "\n• ", "\nOptions: ", "\nOutput:", "Select between 2 and 3 ", "Which ", "Rank the ",
    "red, blue",
    "选择2到3个", "Write a slogan.", "Review: ", "\n\n", "Extract the brand from the query: ",
    "Query: ", "Entity type: ", "one per line", "option İ: ", "scale of 1 to 5",
]  # fmt: skip

questions = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(alphabet=SIGNS, max_size=6)), max_size=16
).map("".join)


def read_or_refused(text: str, task: Task | None, k: int | None = None) -> Question | None:
    try:
        return read(AnswerRequest(text, task=task, k=k))
    except UnreadableQuestion as error:
        assert error.hint  # noqa: PT017 - either is right
        return None


@given(questions, st.sampled_from([None, *Task]), st.sampled_from([None, None, 1, 2, 5]))
def test_any_text_is_read_or_refused(text: str, task: Task | None, k: int | None) -> None:
    question = read_or_refused(text, task, k)
    if question is not None:
        assert question.stem
        assert question.focus
        assert task in {None, question.task}
        labels = [option.label for option in question.options]
        assert len(labels) == len(set(labels))
        assert question.choose <= len(labels) or not labels


@pytest.mark.parametrize("sign", "İıſK")
@pytest.mark.parametrize("text", ["Hangisi daha ucuz?\n{}. armut", "Seçiniz: {}) armut {}) kiraz"])
def test_letters_that_only_fold_to_latin_ones_are_no_labels(sign: str, text: str) -> None:
    question = read_or_refused(text.replace("{}", sign), None)
    assert question is not None
    assert question.options == ()


@pytest.mark.parametrize(
    "piece",
    [
        "1. a\n3. b\n", "1. a 3. b ", "**1.** x\n", "**A", "- a\n", "-\n- ", "Options: a, ", "I. ",
        "select between 2 and 3 ", "select from ", "write a list ", "选择2到", "1. a\n1. b\n",
        "**A**\n",
        "1- x\n", "一、x\n", "1 x\n2 x\n3 x\n", "1.5 x\n2.6 y\n", "Review: a\n1. b\n2. c\n",
        "1 a 5 b ", "1 to 5 stars ", "Review: a\n1. b\n2. c\nAnswer: 2\n", "A:\n1. b\n2. c\n1. d\n",
        "in the query: a ", "Query: a\nEntity type: b\n", ", write and rank these by ", "' a' ",
        "a list of numbers, ", "V. X. I. ", "1.\n\n2.\n\n4.\n\n", "K) ", " - 1. x\n",
    ],
)  # fmt: skip
def test_the_longest_texts_are_read_as_fast_as_others(piece: str) -> None:
    # The largest of what is compared is the longest that is read at all.
    part = LARGE // LONGEST_QUESTION + 1
    text = "Which?\n" + piece * (LARGE // part)
    assert grows_evenly(lambda size: read_or_refused(text[: size // part], None))
