from __future__ import annotations

import pytest
from asking import asked

LIST = "\n1. desk\n2. lamp\nAnswer:"


@pytest.mark.parametrize(
    ("stem", "focus"),
    [
        ("Which aspect is meant?\nReview: The leg broke.", "The leg broke."),
        (
            "Which is it?\nProduct Title: Oak desk\nProduct Description: A desk.\nTwo drawers.",
            "Oak desk\nA desk.\nTwo drawers.",
        ),
        (
            "A user bought the product 'Oak Desk, 2 drawers'. Please select what fits.",
            "Oak Desk, 2 drawers",
        ),
        (
            "The product 'Nuts, 4 oz. (Pack of 3)' is for sale. How much do the nuts weigh?",
            "Nuts, 4 oz. (Pack of 3)\nHow much do the nuts weigh?",
        ),
        (
            'Given the event "Ann buys a desk", then Ann wants',
            'Given the event "Ann buys a desk", then Ann wants',
        ),
        ("Please rank the products by their relevance to the query 'men's hat'.", "men's hat"),
        (
            "You are a helper. A customer describes the sound of a radio. Do not explain.",
            "A customer describes the sound of a radio.",
        ),
        ("Which of the following is a desk?", "Which of the following is a desk?"),
        ("Du bist ein Helfer. Eine Kundin sucht Licht. Bitte wähle.", "Eine Kundin sucht Licht."),
    ],
)
def test_the_part_that_carries_content(stem: str, focus: str) -> None:
    assert asked(stem + LIST).focus == focus


def test_of_a_sequence_the_latest_actions() -> None:
    actions = "\n".join(f"Click on product 'thing {n}'" for n in [*range(20), 17])
    question = asked(f"What comes next?\nAction Sequence:\n{actions}\n\nCandidate List:{LIST}")
    assert question.focus.split("\n") == [
        "thing 15",
        "thing 16",
        "thing 18",
        "thing 19",
        "thing 17",
    ]


def test_an_aspect_is_no_text() -> None:
    assert asked("Which?\nReview: It broke.\nAspect: quality" + LIST).focus == "It broke."


@pytest.mark.parametrize(
    "rule",
    [
        "Print two indices, comma separated, nothing else.",
        "Separate your picks by a comma.",
        "No further explanations please.",
        "Your response must contain only digits.",
        "Keep the reply short.",
        "Put commas between them.",
        "Nothing else.",
    ],
)
def test_the_form_of_the_reply_is_no_content(rule: str) -> None:
    assert asked(f"A painter needs more light. {rule}{LIST}").focus == "A painter needs more light."
    quoted = asked(f"What goes with the query 'wide easel'? {rule}{LIST}")
    assert quoted.focus == "What goes with the query 'wide easel'?"


@pytest.mark.parametrize(
    "said", ["No digits are on its face.", "The comma butterfly is orange.", "Lights keep failing."]
)
def test_what_only_shares_a_word_with_such_rules_is_content(said: str) -> None:
    assert asked(f"A painter needs more light. {said}{LIST}").focus.endswith(said)
