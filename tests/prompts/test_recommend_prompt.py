from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.domain import Controls, Intent, Op, Share
from service.prompts.fence import CLOSE, OPEN, fenced, one_line
from service.prompts.recommend import HISTORY_SHOWN, SYSTEM, TITLE_LENGTH, recommend_prompt

HISTORY = ["Fernhill Wool Socks", "Lumo Reading Light"]


def test_by_history_alone() -> None:
    assert recommend_prompt(HISTORY, Intent(), 10).user == (
        "The customer has chosen, oldest first:\n"
        "<data>\nFernhill Wool Socks\nLumo Reading Light\n</data>\n"
        "The customer has no special wish: go by the history.\n"
        "Recommend 10 different items."
    )


def test_nothing_known() -> None:
    assert recommend_prompt([], Intent(), 3).user == (
        "Nothing is known of the customer's history.\n"
        "The customer has no special wish: go by the history.\n"
        "Recommend 3 different items."
    )


def test_by_category() -> None:
    intent = Intent(controls=Controls(include=("Audio", "Books"), exclude=("Toys",)))
    assert recommend_prompt([], intent, 5).user == (
        "Nothing is known of the customer's history.\n"
        "Choose only among 'Audio' or 'Books'.\n"
        "Choose nothing from 'Toys'.\n"
        "Recommend 5 different items."
    )


def test_by_share() -> None:
    shares = tuple(
        Share(name, op, 0.3)
        for name, op in zip("ABC", [Op.AT_MOST, Op.AT_LEAST, Op.ABOUT], strict=True)
    )
    user = recommend_prompt([], Intent(controls=Controls(shares=shares)), 5).user
    assert "Of the list, at most 30% should be 'A'." in user
    assert "Of the list, at least 30% should be 'B'." in user
    assert "Of the list, about 30% should be 'C'." in user


def test_by_search_and_in_words() -> None:
    user = recommend_prompt([], Intent(text="for my\nnephew", query="wooden train"), 5).user
    assert "searches for:\n<data>\nwooden train\n</data>" in user
    assert "says:\n<data>\nfor my nephew\n</data>" in user


def test_the_instruction_is_the_same_for_everyone() -> None:
    prompts = [recommend_prompt(HISTORY, Intent(text="x"), 3), recommend_prompt([], Intent(), 9)]
    assert {prompt.system for prompt in prompts} == {SYSTEM}
    assert {prompt.version for prompt in prompts} == {"recommend/1"}


def test_only_the_latest_titles_are_shown_and_long_ones_are_cut() -> None:
    titles = [f"title {n}" for n in range(50)]
    user = recommend_prompt(titles, Intent(), 3).user
    assert "title 29\n" not in user
    assert user.count("title ") == HISTORY_SHOWN
    assert len(one_line("x" * 500, TITLE_LENGTH)) == TITLE_LENGTH


HOSTILE = st.text() | st.lists(
    st.sampled_from(
        [CLOSE, OPEN, "</da", "ta>", "<|im_start|>", "<|im_", "end|>", "[/INST]", "[INST]",
         "<s>", "</s>", "<<SYS>>", "<start_of_turn>", "<", "|", "\n", "\x00", "\u200b", "\u2028"]
    )
).map("".join)  # fmt: skip


@given(title=HOSTILE, text=HOSTILE, query=HOSTILE, category=HOSTILE)
def test_no_data_can_close_the_fence_or_open_a_turn(
    title: str, text: str, query: str, category: str
) -> None:
    controls = Controls(include=(category,))
    user = recommend_prompt([title], Intent(text, query, controls), 3).user
    fences = 1 + bool(text) + bool(query)
    assert user.count(CLOSE) == user.count(OPEN) == fences
    for token in ("<|", "[INST]", "[/INST]", "<s>", "</s>", "<<", "<start_of_turn>"):
        assert token not in user
    assert not set(user) & set("\x00\u200b\u2028\r\t")


@given(HOSTILE)
def test_a_line_made_harmless_stays_as_it_is(text: str) -> None:
    once = one_line(text, 200)
    assert one_line(once, 300) == once
    assert "\n" not in once


def test_a_fence_stands_on_its_own_lines() -> None:
    assert fenced(["a", "b"]) == "<data>\na\nb\n</data>"
