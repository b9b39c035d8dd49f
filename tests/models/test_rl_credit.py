"""Which token earns what, of lists and of texts that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llm.checkpoint import checkpoint_in
from models.llm.tokens import list_tokens
from models.rl.credit import ends_of, places, spread
from models.rl.rewards import Rewards
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.listing import lines_of, listed_in


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> ChatTokenizer:
    return checkpoint_in(tiny).tokenizer


def completing(tokenizer: ChatTokenizer, text: str, k: int) -> tuple[list[int], list[int]]:
    tokens = tokenizer.encode(text)
    lines = [line.end for line in listed_in(text, k)]
    return tokens, places(lines, ends_of(tokenizer.decode_each, tokens))


class TestPlaces:
    def test_of_a_list_are_its_line_breaks(self, tokenizer: ChatTokenizer) -> None:
        tokens = list_tokens(tokenizer, ["Red Mug", "Blue Lamp", "Größe 12"])[:-1]
        text = tokenizer.decode(tokens)
        assert text == "1. Red Mug\n2. Blue Lamp\n3. Größe 12\n"
        lines = [line.end for line in listed_in(text, 3)]
        at = places(lines, ends_of(tokenizer.decode_each, tokens))
        assert [tokens[place] for place in at] == tokenizer.encode("\n") * 3
        assert at[-1] == len(tokens) - 1

    def test_of_a_last_line_without_a_break(self, tokenizer: ChatTokenizer) -> None:
        tokens, at = completing(tokenizer, "1. Red Mug\n2. Blue La", 2)
        assert at[-1] == len(tokens) - 1

    def test_pass_over_what_is_no_line(self, tokenizer: ChatTokenizer) -> None:
        said = "Here you are:\n\n1. Red Mug\n\n2. Blue Lamp\nEnjoy!"
        tokens, at = completing(tokenizer, said, 2)
        upto = [tokenizer.decode(tokens[: place + 1]).rstrip() for place in at]
        assert upto == [
            "Here you are:\n\n1. Red Mug",
            "Here you are:\n\n1. Red Mug\n\n2. Blue Lamp",
        ]

    def test_of_a_text_that_is_no_list(self, tokenizer: ChatTokenizer) -> None:
        tokens, at = completing(tokenizer, "I would rather\nnot say.", 3)
        assert len(at) == 2
        assert at[-1] == len(tokens) - 1

    @given(st.text(min_size=1, max_size=40))
    def test_of_any_text_rise_and_cover_its_lines(
        self, tokenizer: ChatTokenizer, said: str
    ) -> None:
        tokens = tokenizer.encode(said)
        text = tokenizer.decode(tokens)
        ends = ends_of(tokenizer.decode_each, tokens)
        assert ends == sorted(ends)
        assert ends[-1] == len(text)
        lines = listed_in(text, 3)
        at = places([line.end for line in lines], ends)
        assert at == sorted(at)
        assert all(0 <= place < len(tokens) for place in at)
        assert all(ends[place] >= line.end for place, line in zip(at, lines, strict=True))

    def test_wait_for_a_character_to_be_whole(self, tokenizer: ChatTokenizer) -> None:
        tokens = tokenizer.encode("\U0001f9ed")  # a compass, of several tokens
        assert len(tokens) > 1
        ends = ends_of(tokenizer.decode_each, tokens)
        assert ends[-1] == 1


@given(st.text(max_size=60), st.integers(1, 4))
def test_lines_end_where_the_text_breaks(text: str, k: int) -> None:
    lines = listed_in(text, k)
    breaks = [len("".join(text.splitlines(keepends=True)[:n])) for n in range(1, len(text) + 2)]
    assert [line.text for line in lines] == lines_of(text, k)
    for line in lines:
        assert line.end in breaks
        assert line.text in text[: line.end].splitlines()[-1]


class TestSpread:
    def of(self, rewards: Sequence[float], lines: Sequence[int], tokens: int) -> list[float]:
        return spread(Rewards(tuple(rewards), whole=10.0, legal=0), lines, tokens)

    def test_puts_each_line_on_its_end_and_the_list_on_the_last(self) -> None:
        assert self.of([1, 2], [1, 3], 6) == [0, 1, 0, 2, 0, 10]

    def test_puts_lines_that_lack_on_the_last(self) -> None:
        assert self.of([1, -1, -1], [0], 3) == [1, 0, 8]

    def test_adds_up_where_lines_end_together(self) -> None:
        assert self.of([1, 2], [1, 1], 2) == [0, 13]

    @given(st.lists(st.floats(-1, 1), min_size=1, max_size=5), st.data())
    def test_loses_nothing(self, rewards: list[float], data: st.DataObject) -> None:
        count = data.draw(st.integers(1, 8))
        lines = data.draw(st.lists(st.integers(0, count - 1), max_size=len(rewards)))
        assert sum(self.of(rewards, lines, count)) == pytest.approx(sum(rewards) + 10)
