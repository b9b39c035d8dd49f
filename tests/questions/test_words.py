# ruff: noqa: RUF001 - punctuation of other scripts is what these read
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.questions.text.words import count, enough, trimmed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("a two-man tent, 3.5 kg", 5),
        ("tents – and chairs …", 3),
        ("防水帐篷", 4),
        ("テントです", 5),
        ("방수 텐트", 2),
        ("Fimo の箱, 12 x", 5),
        ("हल्का तंबू", 2),
    ],
)
def test_count(text: str, words: int) -> None:
    assert count(text) == words


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("A tent.", 30, "A tent."),
        ("Light tent for two", 30, "Light tent for two"),
        ("It is light. It is dry. It is red.", 7, "It is light. It is dry."),
        (
            "Dr. Hill made it in No. 4 with a 3.5 mm pole. It stands.",
            12,
            "Dr. Hill made it in No. 4 with a 3.5 mm pole.",
        ),
        ("J. R. Hill made this very light tent", 3, "J. R. Hill"),
        ('He said "It is dry." Then he left us.', 6, 'He said "It is dry."'),
        ("A light, dry tent for two hikers", 3, "A light"),
        ("A light dry tent, made for two hikers", 6, "A light dry tent"),
        ("A tent, made for two tall hikers", 6, "A tent, made for two tall"),
        ("Light tent, for two", 2, "Light tent"),
        ("轻便的帐篷。适合两人使用。", 8, "轻便的帐篷。"),
        ("轻便的帐篷，适合两人使用", 8, "轻便的帐篷"),
        ("हल्का तंबू है। दो लोगों के लिए है।", 5, "हल्का तंबू है।"),
        ("Is it dry? Yes! It is", 4, "Is it dry? Yes!"),
        ("Soft wool\nWarm and light for long days", 5, "Soft wool"),
        ("one two three", 0, ""),
    ],
)
def test_trimmed(text: str, most: int, kept: str) -> None:
    assert trimmed(text, most) == kept


@pytest.mark.parametrize(
    "wrapped",
    [
        '"A light tent"',
        "“A light tent”",
        "'A light tent'",
        "「A light tent」",
        "Answer: A light tent",
        "Output: A light tent",
        'Response: "A light tent"',
        "**A light tent**",
        "**Answer:** A light tent",
        "Sure! Here is a title: A light tent",
        "Antwort: A light tent",
        '"A light tent',
        "A light tent,",
    ],
)
def test_what_answers_are_wrapped_in(wrapped: str) -> None:
    assert trimmed(wrapped, 30) == "A light tent"


@pytest.mark.parametrize(
    "text", ["'90s jacket", 'Men\'s "Alpin" hat', '"Alpin" and "Solea"', "Answers: two"]
)
def test_what_is_no_wrapping(text: str) -> None:
    assert trimmed(text, 30) == text


def test_a_text_broken_off_ends_with_its_last_sentence() -> None:
    assert trimmed("It is dry. It has a", 30) == "It is dry. It has a"
    assert trimmed("It is dry. It has a", 30, broken_off=True) == "It is dry."


def test_enough() -> None:
    assert not enough("one two three", 3)
    assert enough("one two three f", 3)
    assert not enough("Answer: one two three", 3)


@given(st.text(alphabet="ab .,!?\n\"'*:轻。", max_size=80), st.integers(0, 12))
def test_never_more_words_than_wanted(text: str, most: int) -> None:
    kept = trimmed(text, most)
    assert count(kept) <= most
    assert kept in text.replace("**", "").replace("__", "")
    assert kept == kept.strip()


@given(
    st.lists(st.sampled_from(["Tent", "Is", "Dry", "It"]), min_size=1, max_size=40),
    st.integers(1, 40),
)
def test_whole_sentences_fit(words: list[str], most: int) -> None:
    text = " ".join(f"{word}." if n % 5 == 4 else word for n, word in enumerate(words))
    kept = trimmed(text, most)
    assert text.startswith(kept)
    if len(words) > most >= 5:
        assert kept.endswith(".")
        assert count(kept) == most - most % 5


def test_what_is_too_long_for_a_word_ends_the_text() -> None:
    circles = "1." * 200
    assert trimmed(f"Warm and soft. It has {circles} pockets.", 30) == "Warm and soft."
    assert trimmed(circles, 30) == ""
    assert enough(circles, 30)
    assert trimmed("Rindfleischetikettierungsüberwachungsaufgabe", 30)
    assert not enough("Rindfleischetikettierungsüberwachungsaufgabe", 30)


def test_a_line_that_is_said_again_ends_the_text() -> None:
    circles = "Warm hat\n\nSoft scarf\n\nWarm hat\n\nSoft scarf\n\nWarm"
    assert trimmed(circles, 30) == "Warm hat\n\nSoft scarf"
    assert enough(circles, 30)
    assert not enough("Warm hat\n\nWarm hat", 30)  # it may go on: "Warm hatbox"
    assert not enough("-\nred\n-\nblue\n", 30)
