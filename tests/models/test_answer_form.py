"""Well-formed or not: strict, whatever the score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.form import Form, well_formed
from service.question import Option, Question, Task

CHOICE = Form(Task.MULTIPLE_CHOICE, ("0", "1", "2", "3"))
RANKING = Form(Task.RANKING, ("1", "2", "3"))
RETRIEVAL = Form(Task.RETRIEVAL, tuple(map(str, range(1, 16))), choose=3)
TEXT = Form(Task.GENERATION, max_words=4)
SPANS = Form(Task.ENTITIES, source="Red wool cap, size XL", choose=2)


@pytest.mark.parametrize(
    ("form", "output"),
    [
        (CHOICE, "3"),
        (CHOICE, " 0\n"),
        (RANKING, "3,1,2"),
        (RANKING, "3, 1, 2"),
        (RETRIEVAL, "15,1,7"),
        (TEXT, "a small warm cap"),
        (SPANS, "wool"),
        (SPANS, "Red, XL"),
        (SPANS, "cap, size XL"),  # one span, with its comma
    ],
)
def test_well_formed(form: Form, output: str) -> None:
    assert well_formed(output, form)


@pytest.mark.parametrize(
    ("form", "output"),
    [
        (CHOICE, ""),
        (CHOICE, "4"),
        (CHOICE, "2."),
        (CHOICE, "2. The cap"),
        (CHOICE, "1,2"),
        (RANKING, "1,2"),
        (RANKING, "1,2,2"),
        (RANKING, "1,2,3,4"),
        (RANKING, "[1,2,3]"),
        (RANKING, "1 2 3"),
        (RETRIEVAL, "1,2"),
        (RETRIEVAL, "1,2,3,4"),
        (RETRIEVAL, "1,1,2"),
        (RETRIEVAL, "0,1,2"),
        (RETRIEVAL, "1,2,3,"),
        (TEXT, "  \n"),
        (TEXT, "a small and warm cap"),
        (SPANS, ""),
        (SPANS, "red"),
        (SPANS, "Red, silk"),
        (SPANS, "Red, Red"),
        (SPANS, "Red, XL, wool"),
        (SPANS, "Red,,XL"),
    ],
)
def test_malformed(form: Form, output: str) -> None:
    assert not well_formed(output, form)


def test_labels_need_not_be_numbers() -> None:
    form = Form(Task.MULTIPLE_CHOICE, ("A", "B"))
    assert well_formed("B", form)
    assert not well_formed("b", form)


def test_the_form_is_the_questions() -> None:
    options = (Option("A", "cap"), Option("B", "mug"), Option("C", "fork"))
    question = Question(Task.RETRIEVAL, "Which two can be worn?", options, choose=2)
    assert Form.of(question) == Form(Task.RETRIEVAL, ("A", "B", "C"), choose=2)


class TestMisread:
    """The type is known to the file, and the question was read otherwise."""

    def test_an_answer_to_what_was_read_is_no_answer(self) -> None:
        misread = Form(Task.MULTIPLE_CHOICE, ("1", "2", "3", "4"), choose=1)
        meant = misread.meant(Task.RETRIEVAL, 3)
        assert meant is not None
        assert not well_formed("2", meant)
        assert well_formed("2,4,1", meant)

    def test_where_no_options_were_read_nothing_is_right(self) -> None:
        assert Form(Task.GENERATION).meant(Task.MULTIPLE_CHOICE, 3) is None

    def test_text_may_be_words_or_spans(self) -> None:
        assert SPANS.meant(Task.GENERATION, 3) == SPANS
        assert RETRIEVAL.meant(Task.RETRIEVAL, 9) == RETRIEVAL


@given(st.permutations(["1", "2", "3", "4", "5"]), st.integers(0, 5))
def test_all_of_them_and_nothing_else(order: list[str], kept: int) -> None:
    form = Form(Task.RANKING, ("1", "2", "3", "4", "5"))
    assert well_formed(",".join(order[:kept]), form) == (kept == 5)
