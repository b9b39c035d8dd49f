from __future__ import annotations

from pathlib import Path

import pytest

from service.domain import Intent, Prompt
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.prompts.answer import Seen, answer_prompt
from service.prompts.question_thought import thought_prompt
from service.prompts.recommend import recommend_prompt
from service.prompts.thought import THOUGHT_LIMIT
from service.question import Option, Question, Task
from service.questions.text.bounds import MOST_OPTIONS

LEAST = 0.25
DENSE = {
    "rare Han": "".join(map(chr, range(0x20000, 0x23000, 3))),
    "Han": "".join(map(chr, range(0x3400, 0x4D00, 2))),
    "Hangul": "".join(map(chr, range(0xAC00, 0xD700, 5))),
    "emoji": "".join(map(chr, range(0x1F300, 0x1F6D0))),
    "digits": "7391048265" * 200,
    "signs": "q#Z~@x!K" * 200,
}


@pytest.fixture(scope="module")
def tokenizer(cache_dir: Path) -> ChatTokenizer:
    return ChatTokenizer(ensure_model(cache_dir, print), NAME)


def tokens(tokenizer: ChatTokenizer, prompt: Prompt) -> int:
    return sum(map(len, tokenizer.render(prompt)))


def dense(letters: str, number: int) -> Question:
    """A question of nothing but these letters, and more of them than are ever shown."""
    texts = [letters[n % 900 :] + letters for n in range(number)]
    options = tuple(Option(str(n), text) for n, text in enumerate(texts, start=1))
    return Question(Task.RETRIEVAL, letters * 8, options, 1)


@pytest.mark.parametrize("letters", DENSE.values(), ids=DENSE)
@pytest.mark.parametrize("number", [1, 20, 200])
def test_a_quarter_of_the_densest_text_fits(
    tokenizer: ChatTokenizer, letters: str, number: int
) -> None:
    question = dense(letters, number)
    seen = Seen((letters * 4)[:THOUGHT_LIMIT], question.options[:10])
    assert tokens(tokenizer, thought_prompt(question, share=LEAST)) < 5_000
    assert tokens(tokenizer, answer_prompt(question, seen, share=LEAST)) < 5_000


@pytest.mark.parametrize("letters", DENSE.values(), ids=DENSE)
def test_a_quarter_of_the_most_options_leaves_room_for_an_answer(
    tokenizer: ChatTokenizer, letters: str
) -> None:
    # Their labels alone are half of it.
    question = dense(letters, MOST_OPTIONS)
    seen = Seen((letters * 4)[:THOUGHT_LIMIT], question.options[:10])
    assert tokens(tokenizer, thought_prompt(question, share=LEAST)) < 5_800
    assert tokens(tokenizer, answer_prompt(question, seen, share=LEAST)) < 6_400


@pytest.mark.parametrize("letters", DENSE.values(), ids=DENSE)
def test_a_thought_on_a_user_leaves_a_list_its_room(tokenizer: ChatTokenizer, letters: str) -> None:
    densest = (letters * 4)[:THOUGHT_LIMIT]
    bare = recommend_prompt([], Intent(), 10)
    with_thought = recommend_prompt([], Intent(), 10, thought=densest)
    assert tokens(tokenizer, with_thought) - tokens(tokenizer, bare) < 2_100


@pytest.mark.parametrize("letters", DENSE.values(), ids=DENSE)
def test_less_of_a_question_is_a_shorter_prompt(tokenizer: ChatTokenizer, letters: str) -> None:
    question = dense(letters, 20)
    sizes = [tokens(tokenizer, answer_prompt(question, share=share)) for share in (1.0, 0.5, LEAST)]
    assert sizes[0] > 1.9 * sizes[1]
    assert sizes[1] > 1.9 * sizes[2]


def test_a_plain_question_is_shown_whole_in_a_quarter_of_the_room() -> None:
    options = (Option("1", "a tea strainer"), Option("2", "a bicycle bell"))
    question = Question(Task.MULTIPLE_CHOICE, "What goes with a teapot?", options, 1)
    assert answer_prompt(question, share=LEAST).user == answer_prompt(question).user
    assert thought_prompt(question, share=LEAST).user == thought_prompt(question).user


@pytest.mark.parametrize("share", [0.5, LEAST])
def test_the_labels_of_all_options_stay(share: float) -> None:
    lines = answer_prompt(dense(DENSE["emoji"], MOST_OPTIONS), share=share).user.split("\n")
    shown = [line.partition(". ") for line in lines[3:-2]]
    assert [label for label, _, _ in shown] == [str(n) for n in range(1, MOST_OPTIONS + 1)]
    assert all(text for _, _, text in shown)
