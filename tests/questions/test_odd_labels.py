# ruff: noqa: RUF001 - signs of other scripts are what these read
"""Labels that few write: read where they are plain, and left where they may be text."""

from __future__ import annotations

import pytest
from asking import asked, names, texts

from service.question import Task

BIRDS = ["crow", "wren", "heron", "swift"]


@pytest.mark.parametrize(
    "style", ["{}- ", "#{}. ", "#{}: ", "№{}. ", "{} | ", "<{}> ", "{} ", "  {} ", "{} – "]
)
@pytest.mark.parametrize("first", [0, 1])
def test_numbers(style: str, first: int) -> None:
    lines = (style.format(n) + bird for n, bird in enumerate(BIRDS, start=first))
    question = asked("Which bird wades?\n" + "\n".join(lines) + "\nAnswer:")
    assert texts(question) == BIRDS
    assert names(question) == " ".join(str(n) for n in range(first, first + 4))


@pytest.mark.parametrize(
    "signs", ["一二三四", "ⅠⅡⅢⅣ", "АБВГ", "アイウエ", "甲乙丙丁", "أبجد", "가나다라"]
)
@pytest.mark.parametrize("style", ["{}、", "{}. ", "{}) ", "({}) "])
def test_other_signs_are_numbered_anew_and_noted(signs: str, style: str) -> None:
    lines = (style.format(sign) + bird for sign, bird in zip(signs, BIRDS, strict=True))
    question = asked("Which bird wades?\n" + "\n".join(lines) + "\n\nAnswer:")
    assert (names(question), texts(question)) == ("1 2 3 4", BIRDS)
    assert any("not numbered in a usual way" in note for note in question.notes)


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("1.100 ml\n2.200 ml\n3.300 ml", ["100 ml", "200 ml", "300 ml"]),
        ("0.50 g\n1.75 g\n2.90 g\n3.10 g", ["50 g", "75 g", "90 g", "10 g"]),
        ("1.5 perches\n2.nest\n3.cage", ["5 perches", "nest", "cage"]),
        ("0.2 birds\n1.seed\n2.12 eggs", ["2 birds", "seed", "12 eggs"]),
    ],
)
def test_tight_labels_before_digits(lines: str, read: list[str]) -> None:
    assert texts(asked(f"Which one is for a small bird?\n{lines}\nAnswer:")) == read


@pytest.mark.parametrize(
    "lines",
    [
        "1.5 kg\n2.5 kg\n3.5 kg",
        "1.5 kg\n2. rag",
        "1.25 l\n3.50 l",
        "1 crow\n2 wrens\n3 herons",
        "4 crows\n5 wrens\n6 herons\n7 swifts",
        "2020 a crow\n2021 a wren\n2022 a heron",
        "一 crow\n三 wren\n四 heron",
        "sizes 1- 2- 3- 4",
        "sizes 1 | 2 | 3 | 4",
    ],
)
def test_what_may_be_text_is_text(lines: str) -> None:
    assert len(asked(f"What was seen?\n{lines}").options) < 2


def test_nothing_is_chosen_from_lines_that_merely_count() -> None:
    question = asked("Write a verse.\n1 crow\n2 wrens\n3 herons\n4 swifts")
    assert (question.task, question.options) == (Task.GENERATION, ())
    assert question.notes
