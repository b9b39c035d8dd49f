from __future__ import annotations

from pathlib import Path

import pytest
from sft_examples import data_in, example

from models.llm.checkpoint import checkpoint_in
from models.sft.data.example import Example, write_examples
from models.sft.lessons import UNLEARNT, lessons_in
from service.domain import Prompt
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> ChatTokenizer:
    return checkpoint_in(tiny).tokenizer


class TestLessons:
    @pytest.mark.parametrize(
        "one", [example(3), Example("I4", Prompt("1", "Be brief.", "Why?"), "Because.")]
    )
    def test_teach_the_answer_and_its_end_alone(
        self, tmp_path: Path, tokenizer: ChatTokenizer, one: Example
    ) -> None:
        write_examples(tmp_path / "one.jsonl", [one])
        (row,) = lessons_in(tmp_path / "one.jsonl", tokenizer, 1000).rows
        begins = row["labels"].index(next(t for t in row["labels"] if t != UNLEARNT))
        assert row["labels"][begins:] == row["input_ids"][begins:]
        assert tokenizer.decode(row["labels"][begins:-1]) == one.answer
        assert row["labels"][-1] == tokenizer.end
        constant, own = tokenizer.render(one.prompt)
        assert row["input_ids"][:begins] == [*constant, *own]

    def test_that_are_too_long_are_left_out_and_counted(
        self, tmp_path: Path, tokenizer: ChatTokenizer
    ) -> None:
        long = Example("I4", Prompt("1", "Be brief.", "word " * 500), "Yes.")
        write_examples(tmp_path / "some.jsonl", [example(1), long, example(2)])
        whole = lessons_in(tmp_path / "some.jsonl", tokenizer, 2000)
        lessons = lessons_in(tmp_path / "some.jsonl", tokenizer, 100)
        assert lessons.too_long == 1
        assert lessons.rows == [whole.rows[0], whole.rows[2]]

    def test_fit_a_context_to_the_token(self, tmp_path: Path, tokenizer: ChatTokenizer) -> None:
        write_examples(tmp_path / "one.jsonl", [example(1)])
        length = len(lessons_in(tmp_path / "one.jsonl", tokenizer, 1000).rows[0]["input_ids"])
        assert lessons_in(tmp_path / "one.jsonl", tokenizer, length).too_long == 0
        with pytest.raises(BadInput, match=f"None of the 1 examples .* {length - 1} tokens"):
            lessons_in(tmp_path / "one.jsonl", tokenizer, length - 1)

    def test_of_nothing_are_refused(self, tmp_path: Path, tokenizer: ChatTokenizer) -> None:
        (tmp_path / "empty.jsonl").write_text("")
        with pytest.raises(BadInput, match="no example"):
            lessons_in(tmp_path / "empty.jsonl", tokenizer, 100)

    def test_of_something_else_are_refused(self, tmp_path: Path, tokenizer: ChatTokenizer) -> None:
        (tmp_path / "other.jsonl").write_text('{"text": "hello"}\n')
        with pytest.raises(BadInput, match="line 1 is not an example"):
            lessons_in(tmp_path / "other.jsonl", tokenizer, 100)

    def test_may_be_the_first_alone(self, tmp_path: Path, tokenizer: ChatTokenizer) -> None:
        data = data_in(tmp_path / "data")
        assert len(lessons_in(data / "train.jsonl", tokenizer, 100, 3).rows) == 3
