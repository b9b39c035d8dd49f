"""A variant may say in its own words who the model is: its prompts are versions of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.domain import Intent, Prompt
from service.prompts import choose, rank, recommend
from service.prompts.role import ROLE, RULE_OF_DATA

BOOKSELLER = "You are the bookseller of Elm Street, who knows every reader by name."


@pytest.mark.parametrize(
    ("made", "duty", "version"),
    [
        pytest.param(
            lambda role: recommend.recommend_prompt([], Intent(), 3, role),
            recommend.DUTY,
            recommend.VERSION,
            id="recommend",
        ),
        pytest.param(
            lambda role: choose.choose_prompt([], Intent(), 1, ["Pen"], role),
            choose.DUTY,
            choose.VERSION,
            id="choose",
        ),
        pytest.param(
            lambda role: rank.rank_prompt([], Intent(), ["A"], ["Pen"], role),
            rank.DUTY,
            rank.VERSION,
            id="rank",
        ),
    ],
)
def test_who_the_model_is_changes_and_what_it_has_to_do_does_not(
    made: Callable[[str | None], Prompt], duty: str, version: str
) -> None:
    ours, theirs, others = made(None), made(BOOKSELLER), made(f"{BOOKSELLER} Be brief.")
    assert ours.system == f"{ROLE} {duty} {RULE_OF_DATA}"
    assert theirs.system == f"{BOOKSELLER} {duty} {RULE_OF_DATA}"
    assert ours.user == theirs.user
    assert ours.version == version
    assert theirs.version.startswith(f"{version}+")
    assert theirs.version == made(BOOKSELLER).version != others.version
