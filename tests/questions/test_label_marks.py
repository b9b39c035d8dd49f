"""Labels in bold type, behind bullets, and in Roman numbers."""

from __future__ import annotations

import pytest
from asking import asked, names, texts

ASKED = "Which animal lays eggs?\n"
ANIMALS = ["hen", "cow", "goat"]


@pytest.mark.parametrize(
    ("style", "labels"),
    [
        ("**{}.** ", "A B C"),
        ("**{}.** ", "1 2 3"),
        ("**{})** ", "0 1 2"),
        ("**{}**. ", "1 2 3"),
        ("**{}** ", "A B C"),
        ("**({})** ", "a b c"),
        ("**Option {}:** ", "A B C"),
        ("__{}.__ ", "1 2 3"),
        ("*{}.* ", "1 2 3"),
        ("***{}.*** ", "A B C"),
        ("- {}. ", "1 2 3"),
        ("* {}) ", "A B C"),
        ("- **{}.** ", "1 2 3"),
        ("### {}. ", "1 2 3"),
        ("{}. ", "I II III"),
        ("{}. ", "i ii iii"),
        ("{}) ", "I II III"),
        ("({}) ", "iv v vi"),
        ("**{}.** ", "IX X XI"),
        ("{}. ", "H I J"),
        ("{}. ", "V W X"),
    ],
)
def test_marks_around_labels_are_no_part_of_options(style: str, labels: str) -> None:
    listed = zip(labels.split(), ANIMALS, strict=True)
    lines = "\n".join(style.format(label) + text for label, text in listed)
    question = asked(f"{ASKED}{lines}\nAnswer:")
    assert (names(question), texts(question)) == (labels, ANIMALS)
    assert (question.stem, question.notes) == (ASKED.strip(), ())


def test_a_whole_option_may_be_bold() -> None:
    question = asked(f"{ASKED}**1. hen**\n**2. cow, brown** - a *large* one")
    assert texts(question) == ["hen", "cow, brown - a *large* one"]


def test_a_long_roman_list() -> None:
    numbers = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI"
    question = asked(ASKED + "\n".join(f"{n}. animal {n}" for n in numbers.split()))
    assert names(question) == numbers


def test_roman_numbers_within_a_line() -> None:
    question = asked(f"{ASKED}I) hen II) cow III) goat")
    assert (names(question), texts(question)) == ("I II III", ANIMALS)


@pytest.mark.parametrize(
    "text",
    [
        "Who said so?\nI. Kant did, as all know.",
        "Which word is stressed?\n**I** would never say that.",
        "Which part is loud?\n**Bold. Yes** it is.",
    ],
)
def test_initials_and_bold_words_are_no_labels(text: str) -> None:
    question = asked(text)
    assert (question.options, question.stem) == ((), text)
