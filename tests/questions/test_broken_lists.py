"""Lists whose numbering breaks off are refused, and those that only look so are read."""

from __future__ import annotations

import pytest
from asking import asked, names, texts

from service.errors import UnreadableQuestion
from service.question import Task

ASKED = "Which of these would a painter use?\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("1. brush\n2. oven\n4. spoon\n5. mop", "1, 2, 4, 5: 3 is missing"),
        ("1. brush 2. oven 4. spoon 5. mop", "1, 2, 4, 5: 3 is missing"),
        ("1. brush\n3. oven\n4. spoon", "1, 3, 4: 2 is missing"),
        ("1. brush 3. oven 4. spoon", "1, 3, 4: 2 is missing"),
        ("1. brush\n3. oven\n5. spoon", "1, 3, 5: 2 is missing"),
        ("2. brush\n4. oven", "2, 4: 3 is missing"),
        ("1. brush\n6. oven", "1, 6: 2 to 5 are missing"),
        ("0. brush\n1. oven\n\n3. spoon", "0, 1, 3: 2 is missing"),
        ("1. brush\n\n2. oven\n\n4. spoon", "1, 2, 4: 3 is missing"),
        ("A. brush\nB. oven\nD. spoon", "A, B, D: C is missing"),
        ("(a) brush (b) oven (d) spoon", "a, b, d: c is missing"),
        ("(1) brush (2) oven (4) spoon", "1, 2, 4: 3 is missing"),
        ("I. brush\nII. oven\nIV. spoon", "I, II, IV: III is missing"),
        ("i. brush\nii. oven\nv. spoon", "i, ii, v: iii to iv are missing"),
        ("1. brush\n2. oven\n2. spoon\n3. mop\n4. pin", "1, 2, 2, 3, 4: 2 stands there twice"),
        ("1. brush\n2. oven\n3. spoon\n3. mop", "1, 2, 3, 3: 3 stands there twice"),
        ("1. brush\n1. oven\n2. spoon", "1, 1, 2: 1 stands there twice"),
        ("1. brush\n3. oven\n2. spoon\n4. mop", "1, 3, 2, 4: 3 follows 1"),
        (
            "1. Box. Holds:\n1. brush\n2. rag\n2. Oven\n3. Spoon",
            "1, 1, 2, 2, 3: 1 stands there twice",
        ),
        ("1. brush\n2. Oven with:\n1. tray\n2. rack\n3. spoon", "2, 1, 2, 3: 1 follows 2"),
    ],
)
def test_a_list_that_cannot_be_followed_is_refused(lines: str, said: str) -> None:
    for task in (None, Task.MULTIPLE_CHOICE, Task.RANKING):
        with pytest.raises(UnreadableQuestion) as error:
            asked(ASKED + lines + "\nAnswer:", task=task)
        assert error.value.message == f"The options are numbered {said}."
        assert '"options"' in error.value.hint


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("1. 2.5 kg pail\n2. 4.5 kg pail\n3. rag", ["2.5 kg pail", "4.5 kg pail", "rag"]),
        ("1. brush\n2. 5. Edition\n3. 9. Edition", ["brush", "5. Edition", "9. Edition"]),
        ("1. Kit:\n   1. rag\n   2. rag\n2. Oven", ["Kit:\n   1. rag\n   2. rag", "Oven"]),
        ("1. Oven\n2. Kit:\n   1. rag\n   2. rag", ["Oven", "Kit:\n   1. rag\n   2. rag"]),
        ("1. Oven\n2. Kit:\n\ta) rag\n\tb) rope", ["Oven", "Kit:\n\ta) rag\n\tb) rope"]),
        ("1. pail\n2. brush,\n2.5 kg", ["pail", "brush,\n2.5 kg"]),
        ("A. pail B. a pack of 5. C. rag", ["pail", "a pack of 5.", "rag"]),
        ("1. pail 2. rag 3. a pack of 5. Blue", ["pail", "rag", "a pack of 5. Blue"]),
        (" 9. pail\n10. rag\n11. pin", ["pail", "rag", "pin"]),
    ],
)
def test_options_may_hold_numbers_and_lists(lines: str, read: list[str]) -> None:
    assert texts(asked(ASKED + lines + "\nAnswer:")) == read


@pytest.mark.parametrize(
    "before",
    [
        "1. Which of these would a painter use?",
        "Mind this:\n1. Be brief\n2. Be sure\nWhich of these would a painter use?",
        "A shop sold\n1. rope\n2. soap\n3. salt\n\nWhich is sold next?",
        "A shop sold\n\n1. rope\n\n2. soap\n\nIt now sells something else.\n",
        "A shop sold\n1. rope\n2. soap\nThe next one is:",
    ],
)
def test_a_list_in_the_stem_breaks_nothing(before: str) -> None:
    question = asked(f"{before}\n1. brush\n2. oven\nOutput:")
    assert texts(question) == ["brush", "oven"]


@pytest.mark.parametrize(
    "behind",
    ["Rules:\n1. Name one only\n2. Be sure", "Answer with one number.\n5. is no answer."],
)
def test_a_list_behind_the_options_breaks_nothing(behind: str) -> None:
    assert texts(asked(f"{ASKED}1. brush\n2. oven\n{behind}")) == ["brush", "oven"]


def test_a_line_with_a_number_in_the_midst_is_kept_and_noted() -> None:
    question = asked(f"{ASKED}1. pail\n2. a set of\n90. Jubilee spoons\n3. rag")
    assert texts(question) == ["pail", "a set of\n90. Jubilee spoons", "rag"]
    assert "Lines numbered 90 were read as parts of options." in question.notes


@pytest.mark.parametrize("lines", ["1. rope\n2. soap\n4. salt", "2. rope\n4. soap"])
def test_what_is_no_list_of_options_need_not_be_in_order(lines: str) -> None:
    question = asked(f"Write a story about these things.\n{lines}")
    assert (question.task, question.options) == (Task.GENERATION, ())
    beside = asked(f"{ASKED}{lines}", options=("brush", "oven"))
    assert names(beside) == "1 2"
