"""Wishes of emoji and rare characters: no dearer to read than a long one in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Intent, Prompt
from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.prompts.dense import spared
from service.prompts.fence import line
from service.prompts.rank import rank_prompt
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import WORDS_BYTES, WORDS_LIMIT

PLAIN = {
    "English": "something warm and light for a long weekend, easy to wash and not too dear ",
    "German": "etwas Warmes für ein langes Wochenende, größer als sonst und nicht zu teuer ",
    "Russian": "что-нибудь тёплое и лёгкое для долгих выходных в горах ",  # noqa: RUF001 - it is Russian
    "Japanese": "山で過ごす週末に着られる軽くて暖かい上着を探しています",
    "Korean": "산에서 보내는 주말에 입을 가볍고 따뜻한 옷을 찾고 있어요 ",
    "Arabic": "أبحث عن شيء دافئ وخفيف لعطلة نهاية الأسبوع في الجبال ",
}
DEAR = {
    "one emoji": "\U0001f600" * 2000,
    "emoji": "".join(map(chr, range(0x1F300, 0x1F6D0))) * 2,
    "signs": "".join(map(chr, range(0x2600, 0x26FF))) * 8,
    "rare Han": "".join(map(chr, range(0x20000, 0x207D0))),
    "Han of the first supplement": "".join(map(chr, range(0x3400, 0x3BD0))),
}


@pytest.fixture(scope="module")
def tokenizer(cache_dir: Path) -> ChatTokenizer:
    return ChatTokenizer(ensure_model(cache_dir, print), NAME)


def tokens(tokenizer: ChatTokenizer, prompt: Prompt) -> int:
    return sum(map(len, tokenizer.render(prompt)))


@pytest.mark.parametrize("wish", DEAR.values(), ids=DEAR)
def test_two_thousand_of_them_cost_no_more_than_long_words(
    tokenizer: ChatTokenizer, wish: str
) -> None:
    long = PLAIN["Russian"] * 40
    dear, plain = (rank_prompt([], Intent(one, one), "A", ["Mug"]) for one in (wish, long))
    assert tokens(tokenizer, dear) <= tokens(tokenizer, plain)
    assert wish[:20] in dear.user


@pytest.mark.parametrize("words", PLAIN.values(), ids=PLAIN)
def test_plain_words_are_shown_as_far_as_there_is_room(words: str) -> None:
    shown = line(words * 40, WORDS_LIMIT)
    assert f"Wants: <<{shown}>>" in recommend_prompt([], Intent(text=words * 40), 5).user


def test_a_few_emoji_among_words_stay() -> None:
    wish = PLAIN["English"] * 5 + "\U0001f381\U0001f600\u2764\ufe0f"
    assert f"<<{wish}>>" in recommend_prompt([], Intent(text=wish), 5).user


@given(st.text(max_size=400))
def test_what_is_spared_is_a_beginning(text: str) -> None:
    shown = spared(line(text, WORDS_LIMIT), WORDS_BYTES)
    assert line(text, WORDS_LIMIT).startswith(shown)
    assert spared(shown, WORDS_BYTES) == shown
    assert bool(shown) == bool(line(text, WORDS_LIMIT))
