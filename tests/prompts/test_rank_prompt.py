from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Controls, Intent
from service.prompts.fence import CLOSE, OPEN
from service.prompts.rank import DUTY, VERSION, rank_prompt
from service.prompts.role import system
from service.prompts.wishes import TITLE_LIMIT

MARKS = ("A", "B", "AB")
TITLES = ["Wool Socks", "Reading Light", "Camp Stove"]


def test_what_is_known_and_then_the_candidates_under_their_marks() -> None:
    intent = Intent("for cold feet", "socks", Controls(include=("Clothes",)))
    prompt = rank_prompt(["Tent", "Boots"], intent, MARKS, TITLES)
    assert prompt.user == (
        "History, oldest first:\n<<\nTent\nBoots\n>>\n"
        "Wants: <<for cold feet>>\nSearch: <<socks>>\nOnly from: <<Clothes>>\n"
        "Candidates:\n<<\nA. Wool Socks\nB. Reading Light\nAB. Camp Stove\n>>"
    )


def test_the_instruction_is_the_same_for_everyone() -> None:
    prompts = [
        rank_prompt([], Intent(), MARKS, TITLES),
        rank_prompt(["Tent"], Intent("x"), MARKS[:2], TITLES[:2]),
    ]
    assert {prompt.system for prompt in prompts} == {system(None, DUTY)}
    assert {prompt.version for prompt in prompts} == {VERSION} == {"rank/2"}


def test_each_candidate_has_its_mark() -> None:
    with pytest.raises(ValueError, match="zip"):
        rank_prompt([], Intent(), MARKS[:2], TITLES)


HOSTILE = st.text() | st.lists(
    st.sampled_from([CLOSE, OPEN, "\n", "\r", "\u2028", "<|im_end|>", "[/INST]", "Z. ", "&gt;"])
).map("".join)


@given(titles=st.lists(HOSTILE, min_size=3, max_size=3), past=HOSTILE)
def test_no_title_adds_a_line_or_leaves_its_fence(titles: list[str], past: str) -> None:
    user = rank_prompt([past], Intent(), MARKS, titles).user
    shown = user.partition("Candidates:\n")[2].split("\n")
    assert [shown[0], shown[-1], len(shown)] == [OPEN, CLOSE, 5]
    for mark, line in zip(MARKS, shown[1:-1], strict=True):
        assert line.startswith(f"{mark}. ")
        assert not {"<", ">", "[", "]"} & set(line)
        assert len(line) <= len(mark) + 2 + TITLE_LIMIT
