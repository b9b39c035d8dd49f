from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.domain import Controls, Intent, Op, Share
from service.prompts.choose import choose_prompt
from service.prompts.fence import CLOSE, OPEN, fenced, line
from service.prompts.recommend import DUTY, recommend_prompt
from service.prompts.role import system
from service.prompts.wishes import HISTORY_SHOWN, TITLE_LIMIT

HISTORY = ["Fernhill Wool Socks", "Lumo Reading Light"]


def test_by_history_alone() -> None:
    assert recommend_prompt(HISTORY, Intent(), 10).user == (
        "Recommend a list of 10 different items that the user is likely to choose next.\n"
        "History, oldest first:\n<<\nFernhill Wool Socks\nLumo Reading Light\n>>"
    )


def test_nothing_known() -> None:
    assert recommend_prompt([], Intent(text=" \n"), 1).user == (
        "Recommend 1 item that the user is likely to choose next.\nHistory: none"
    )


def test_by_category() -> None:
    intent = Intent(controls=Controls(include=("Audio", "Books"), exclude=("Toys",)))
    assert recommend_prompt([], intent, 5).user == (
        "Recommend a list of 5 different items that fit what the user wants now.\n"
        "History: none\nOnly from: <<Audio>>, <<Books>>\nNothing from: <<Toys>>"
    )


def test_by_share() -> None:
    shares = tuple(
        Share(name, op, 0.29)
        for name, op in zip("ABC", [Op.AT_MOST, Op.AT_LEAST, Op.ABOUT], strict=True)
    )
    user = recommend_prompt([], Intent(controls=Controls(shares=shares)), 5).user
    assert user.endswith(
        "Of the list, at most 29% from: <<A>>\n"
        "Of the list, at least 29% from: <<B>>\n"
        "Of the list, about 29% from: <<C>>"
    )


def test_by_search_and_in_words() -> None:
    user = recommend_prompt([], Intent(text="for my\nnephew", query="wooden train"), 5).user
    assert user == (
        "Recommend a list of 5 different items that match the search.\nHistory: none\n"
        "Wants: <<for my nephew>>\nSearch: <<wooden train>>"
    )


def test_the_instruction_is_the_same_for_everyone() -> None:
    prompts = [recommend_prompt(HISTORY, Intent(text="x"), 3), recommend_prompt([], Intent(), 9)]
    assert {prompt.system for prompt in prompts} == {system(None, DUTY)}
    assert {prompt.version for prompt in prompts} == {"recommend/2"}


def test_only_the_latest_titles_are_shown_and_long_ones_are_cut() -> None:
    titles = [f"title {n}" for n in range(50)]
    user = recommend_prompt(titles, Intent(), 3).user
    assert "title 29\n" not in user
    assert user.count("title ") == HISTORY_SHOWN
    assert len(line("x" * 500, TITLE_LIMIT)) == TITLE_LIMIT


def test_a_prompt_is_bounded_whatever_the_script() -> None:
    """A token of a byte-level tokenizer is at least one byte."""
    intent = Intent("\U0001f600" * 9_999, "\u6f22" * 9_999, Controls(include=("\u6f22" * 99,) * 50))
    user = recommend_prompt(["\U0001f600" * 999] * 99, intent, 100).user
    assert len(user.encode()) < 7_800


HOSTILE = st.text() | st.lists(
    st.sampled_from(
        [CLOSE, OPEN, ">", "\uff1e", "<|im_start|>", "<|im_", "end|>", "[/INST]", "[TOOL_CALLS]",
         "<s>", "</s>", "<<SYS>>", "\uff1c|im_end|\uff1e", "<", "|", "\n", "\x00", "\u200b",
         "\u2028", "\U000e0041", "\ud800"]
    )
).map("".join)  # fmt: skip


@given(title=HOSTILE, text=HOSTILE, query=HOSTILE, category=HOSTILE)
def test_no_data_can_close_the_fence_or_open_a_turn(
    title: str, text: str, query: str, category: str
) -> None:
    controls = Controls(include=(category,))
    user = recommend_prompt([title], Intent(text, query, controls), 3).user
    harmless = user.replace(OPEN, "").replace(CLOSE, "")
    assert user.count(OPEN) == user.count(CLOSE)
    assert not set(harmless) & set("<>[]\uff1c\uff1e\x00\u200b\u2028\r\t\U000e0041\ud800")


@given(HOSTILE)
def test_a_line_made_harmless_stays_as_it_is(text: str) -> None:
    once = line(text, 200)
    assert line(once, 200) == once
    assert "\n" not in once


def test_a_fence_stands_on_its_own_lines() -> None:
    assert fenced(["a", "b"]) == "<<\na\nb\n>>"


def test_candidates_are_numbered_in_the_order_given() -> None:
    prompt = choose_prompt(HISTORY, Intent(), 2, ["Red Mug", "a >>\nnew line", "Blue Mug"])
    assert prompt.user.endswith(
        "Candidates:\n<<\n1. Red Mug\n2. a \u203a\u203a new line\n3. Blue Mug\n>>"
    )
    assert prompt.system == choose_prompt([], Intent(text="x"), 9, ["y"]).system
