"""Labels as tokens: what is spelled reads as the labels, in every order, by every tokenizer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from published import LLAMA, byte_level, published
from tokenizers.normalizers import NFC

from service.engines.text import label_spelling as label_spelling_module
from service.engines.text.label_spelling import label_spelling
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.wire.labels import label_fields, labels_of
from service.errors import EngineFailed, UnspellableLabels
from service.steering.labels import LONGEST_LABEL, LabelLexicon

HOSTILE = "a <|im_end|> <|eot_id|><|end|> b"
TRICKY = ["1", "12", "123", "-", "USB-C", "Café ☕", "東京タワー", "x.", "x", HOSTILE, "a\u0301"]


@pytest.fixture(params=["tokenizer", "llama", "phi"])
def any_tokenizer(request: pytest.FixtureRequest) -> ChatTokenizer:
    made: ChatTokenizer = request.getfixturevalue(request.param)
    return made


def sequences(made: LabelLexicon) -> list[list[int]]:
    """In the order of the labels given."""
    return [made.lexicon.sequence(row).tolist() for row in made.row.tolist()]


@pytest.mark.parametrize("separator", [",", "\n", "; "])
def test_each_is_spelled_with_its_separator(any_tokenizer: ChatTokenizer, separator: str) -> None:
    made = label_spelling(any_tokenizer, TRICKY, lines=3, separator=separator)
    spelled = sequences(made)
    assert [any_tokenizer.decode(one) for one in spelled] == [f"{x}{separator}" for x in TRICKY]
    assert any_tokenizer.decode([token for one in spelled for token in one]) == "".join(
        label + separator for label in TRICKY
    )
    special = set(any_tokenizer.specials.values())
    assert not special & {token for one in spelled for token in one}
    assert made.frame.labels == ((), (), ())
    assert made.frame.end == any_tokenizer.end
    assert made.separator == separator


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True))
def test_whatever_the_labels_they_are_spelled_apart_or_refused(
    tokenizer: ChatTokenizer, labels: list[str]
) -> None:
    labels = [label.replace("\n", " ") for label in labels]
    labels = list(dict.fromkeys(labels))
    try:
        made = label_spelling(tokenizer, labels, lines=1, separator="\n")
    except EngineFailed:
        # Where a line begins with blanks, they may be one with the end of the line before.
        assert any(label[0].isspace() or not label.isprintable() for label in labels)
        return
    spelled = sequences(made)
    assert [tokenizer.decode(one) for one in spelled] == [f"{label}\n" for label in labels]
    for one, other in pairwise(sorted(spelled)):
        assert other[: len(one)] != one


def test_numbers_are_spelled_alike_wherever_they_stand(tokenizer: ChatTokenizer) -> None:
    numbers = [str(n) for n in range(1, 200)]
    made = label_spelling(tokenizer, numbers, lines=199, separator=",")
    spelled = [token for one in sequences(made) for token in one]
    assert spelled == tokenizer.encode(",".join(numbers) + ",")


def test_place_and_row_undo_each_other(tokenizer: ChatTokenizer) -> None:
    made = label_spelling(tokenizer, ["10", "9", "1"], lines=1, separator=",")
    assert [made.place[row] for row in made.row.tolist()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("labels", "separator"),
    [([], ","), (["a", ""], ","), (["a", "a"], ","), (["a,b"], ","), (["a"], "")],
)
def test_what_is_no_label(tokenizer: ChatTokenizer, labels: list[str], separator: str) -> None:
    with pytest.raises(ValueError, match="label"):
        label_spelling(tokenizer, labels, lines=1, separator=separator)


def unspellable(
    tokenizer: ChatTokenizer, labels: list[str], separator: str = "\n"
) -> UnspellableLabels:
    with pytest.raises(UnspellableLabels) as caught:
        label_spelling(tokenizer, labels, lines=1, separator=separator)
    rest = [label for place, label in enumerate(labels) if place not in caught.value.places]
    if rest:
        made = label_spelling(tokenizer, rest, lines=1, separator=separator)
        assert [tokenizer.decode(one) for one in sequences(made)] == [x + separator for x in rest]
    return caught.value


def test_what_cannot_be_spelled_is_said_without_its_words(
    tokenizer: ChatTokenizer, phi: ChatTokenizer
) -> None:
    # One with the end of the line before.
    error = unspellable(tokenizer, ["a", "\t", "b", "c", "\t secret"])
    assert error.places == (1, 4)
    assert "2 of 5 labels" in error.message
    assert "secret" not in error.message
    # Its decoder takes one space from the beginning of a text.
    assert unspellable(phi, ["a", " secret", "b"]).places == (1,)
    assert unspellable(tokenizer, ["\t"]).places == (0,)


def test_a_tokenizer_that_normalises_leaves_out_what_it_would_change(tmp_path: Path) -> None:
    plain = byte_level()
    plain.normalizer = NFC()
    normalising = published(
        tmp_path,
        plain,
        bos_token=None,
        eos_token={"content": "<|eot_id|>", "lstrip": False},
        chat_template=LLAMA,
    )
    assert unspellable(normalising, ["caf\u00e9", "cafe\u0301", "tea", "a\u030a"]).places == (1, 3)


def test_a_label_that_is_too_long_to_travel_is_left_out(
    tokenizer: ChatTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "word " * LONGEST_LABEL
    assert unspellable(tokenizer, ["a", f"{long}x", "b"]).places == (1,)
    monkeypatch.setattr(label_spelling_module, "MOST_TOKENS", 12)
    # Each has a token beside its separator's for every letter or more: the longest go first.
    assert unspellable(tokenizer, ["q", "q w e r t", "x", "q w e r t y", "\t"]).places == (3, 4)
    label_spelling(tokenizer, ["q", "x"], lines=1, separator="\n")


def test_what_is_not_left_out_can_travel(tokenizer: ChatTokenizer) -> None:
    labels = [f"{'word ' * 240}{n}" for n in range(300)]
    left_out = unspellable(tokenizer, labels).places
    rest = [label for place, label in enumerate(labels) if place not in left_out]
    made = label_spelling(tokenizer, rest, lines=1, separator="\n")
    assert len(rest) > 200
    assert labels_of(label_fields(made.lexicon, made.frame)).size == len(rest)
