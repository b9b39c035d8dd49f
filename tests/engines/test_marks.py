"""Marks: labels that are one token where an answer begins, whatever the tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from published import LLAMA, PHI, byte_level, published, sentence_pieces
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from service.engines.text.marks import Marks, normalised
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineFailed


def with_words(*words: str) -> Tokenizer:
    """Bytes, and some words that are a token each: as those numbers of Llama-3's that it has."""
    tokenizer = byte_level()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    parts = [*alphabet, *words]
    merges = [(word[:-1], word[-1]) for word in words]
    made = Tokenizer(models.BPE({part: at for at, part in enumerate(parts)}, merges))
    made.pre_tokenizer, made.decoder = tokenizer.pre_tokenizer, decoders.ByteLevel()
    made.add_special_tokens(
        [token for _, token in sorted(tokenizer.get_added_tokens_decoder().items())]
    )
    return made


def llama(folder: Path, *words: str) -> ChatTokenizer:
    return published(
        folder,
        with_words(*words),
        bos_token="<|begin_of_text|>",  # noqa: S106
        eos_token="<|eot_id|>",  # noqa: S106
        chat_template=LLAMA,
    )


def in_place(tokenizer: ChatTokenizer, text: str) -> int:
    """How many tokens more a prompt has with a text behind it."""
    after = tokenizer._pieces[2]
    return len(tokenizer._markup_ids(after + text)) - len(tokenizer._markup_ids(after))


def test_numbers_where_each_is_a_token(tmp_path: Path) -> None:
    marks = Marks(llama(tmp_path, *(f"{n}" for n in range(10, 110))))
    assert marks.first(30) == tuple(str(n) for n in range(1, 31))
    assert marks.first(1_000) == tuple(str(n) for n in range(1, 110))


def test_few_numbers_are_none(tmp_path: Path) -> None:
    """One kind of mark, however many are asked for."""
    marks = Marks(llama(tmp_path, *(f"{n}" for n in range(10, 100))))
    assert marks.first(5) == tuple("ABCDE")
    assert marks.first(1_000) == tuple(ascii_uppercase)


def test_letters_and_the_pairs_that_are_a_token(tmp_path: Path) -> None:
    marks = Marks(llama(tmp_path, "AB", "QZ"))
    assert marks.first(50) == (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AB", "QZ")
    assert marks.first(12) == tuple("ABCDEFGHIJKL")
    assert marks.first(9) == tuple("ABCDEFGHI")


@pytest.mark.parametrize("most", [-1, 0, 1])
def test_of_too_few_there_are_none(tmp_path: Path, most: int) -> None:
    assert Marks(llama(tmp_path)).first(most) == ()


def test_the_small_models(tokenizer: ChatTokenizer) -> None:
    marks = Marks(tokenizer)
    fifty = marks.first(50)
    assert all(marks.first(most) == fifty[:most] for most in range(2, 50))
    assert len(set(fifty)) == 50
    assert {in_place(tokenizer, mark) for mark in fifty} == {1}
    tokens = marks.tokens(fifty)
    assert tokenizer.decode_each([[token] for token in tokens]) == list(fifty)


def test_a_tokenizer_that_has_no_such_tokens(phi: ChatTokenizer) -> None:
    # It spells each letter that begins a text as two tokens, one of them a space.
    assert Marks(phi).first(20) == ()


def test_a_tokenizer_that_puts_a_space_before_what_begins(tmp_path: Path) -> None:
    described = json.loads(sentence_pieces().to_str())
    for letter in ascii_uppercase:
        described["model"]["vocab"][f"▁{letter}"] = 1_000 + ord(letter)
        described["model"]["merges"].append(["▁", letter])
    tokenizer = Tokenizer.from_str(json.dumps(described))
    phi = published(tmp_path, tokenizer, eos_token="<|endoftext|>", chat_template=PHI)  # noqa: S106
    marks = Marks(phi)
    twenty = marks.first(20)
    assert twenty == tuple("ABCDEFGHIJKLMNOPQRST")
    assert {in_place(phi, mark) for mark in twenty} == {1}
    assert len(set(marks.tokens(twenty))) == 20


@pytest.mark.parametrize("marks", [["A", "A"], ["A", "no mark"], ["A", ""], []])
def test_what_is_no_mark_or_one_twice_is_refused(
    tokenizer: ChatTokenizer, marks: list[str]
) -> None:
    with pytest.raises(EngineFailed, match="one token each"):
        Marks(tokenizer).tokens(marks)


@given(arrays(np.float32, st.integers(1, 60), elements=st.floats(-90, 90, width=32)))
def test_normalised_scores_are_log_probabilities_in_the_same_order(scores: np.ndarray) -> None:
    made = normalised(scores)
    assert np.exp(made).sum() == pytest.approx(1.0)
    assert (np.diff(made[np.argsort(scores)]) >= 0).all()


def test_what_is_impossible_stays_so() -> None:
    assert normalised(np.array([-np.inf, 3.0])).tolist() == [-np.inf, 0.0]


@pytest.mark.parametrize("scores", [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, -np.inf], []])
def test_what_says_nothing_is_an_error(scores: list[float]) -> None:
    with pytest.raises(EngineFailed, match="says nothing of the candidates' marks"):
        normalised(np.array(scores))
