# ruff: noqa: RUF001 - signs of other scripts are what these read
from __future__ import annotations

import pytest
from asking import asked, names

from service.question import Task

REVIEW = "\nReview: the lid leaks and the handle broke"


@pytest.mark.parametrize(
    ("order", "ends"),
    [
        ("Rate the review on a scale of 1 to 5, with 1 being awful and 5 being great.",
         ("awful", "great")),
        ("Rate the review from 1 (very bad) to 5 (very good).", ("very bad", "very good")),
        ("Give a rating from 1 to 4: 1 = not happy at all, 4 = as happy as can be.",
         ("not happy at all", "as happy as can be")),
        ("Bewerte auf einer Skala von 1 bis 5; 1 bedeutet sehr schlecht, 5 bedeutet sehr gut.",
         ("sehr schlecht", "sehr gut")),
        ("Rate the review on a scale of 0 to 10, where 0 means useless and 10 means perfect.",
         ("useless", "perfect")),
        ("Rate the review from 1 to 5.\n1 = the worst\n5 = the best", ("the worst", "the best")),
        ("Rate the review from 1 to 5, with 1 poor and 5 superb.", ("poor", "superb")),
        ("Rate the review from 1 to 5, where 5 is superb and 1 is poor.", ("poor", "superb")),
        ("Rate the review on a scale from quite bad (1) to quite good (5), so from 1 to 5.",
         ("quite bad", "quite good")),
        ("Rate the review from 1 to 5 (1 star = no good at all, 5 stars = all I want).",
         ("no good at all", "all I want")),
        ("Rate the review on a scale of -1 to 1, -1 being sad and 1 being glad.", ("sad", "glad")),
        ("Bewerte auf einer Skala von 1 bis 5, wobei 1 ganz schlecht und 5 ganz gut bedeutet.",
         ("ganz schlecht", "ganz gut")),
        ("Notez de 1 à 5, 1 étant plutôt nul et 5 plutôt bon.", ("plutôt nul", "plutôt bon")),
        ("Evalúa en una escala de 1 a 5, siendo 1 pésimo y 5 excelente.", ("pésimo", "excelente")),
        ("Valuta su una scala da 1 a 5, dove 1 è pessimo e 5 è ottimo.", ("pessimo", "ottimo")),
        ("Avalie numa escala de 1 a 5, sendo 1 péssimo e 5 ótimo.", ("péssimo", "ótimo")),
        ("1から5で評価してください。1は最悪、5は最高です。", ("最悪", "最高")),
        ("请用1到5打分，其中1表示糟糕，5表示优秀。", ("糟糕", "优秀")),
        ("قيم على مقياس من 1 إلى 5، حيث 1 سيئ و5 ممتاز.", ("سيئ", "ممتاز")),
        ("1 से 5 के पैमाने पर रेट करें, जहाँ 1 खराब और 5 शानदार है।", ("खराब", "शानदार")),
    ],
)  # fmt: skip
def test_the_ends_of_a_scale_are_read(order: str, ends: tuple[str, str]) -> None:
    question = asked(order + REVIEW)
    assert question.task is Task.MULTIPLE_CHOICE
    assert question.ends == ends


@pytest.mark.parametrize(
    "order",
    [
        "Rate the review on a scale of 1 to 5.",
        "Rate the review on a scale of 1 to 5, 1 being awful.",
        "Rate the review on a scale of 1 to 5, 15 being nonsense and 51 being too much.",
    ],
)
def test_where_they_are_not_both_said_there_are_none(order: str) -> None:
    question = asked(order + REVIEW)
    assert (names(question), question.ends) == ("1 2 3 4 5", None)


def test_listed_options_have_no_ends() -> None:
    assert asked("Which is warm, 1 being bad and 2 being good?\n1. hat\n2. coat").ends is None


def test_what_is_asked_of_a_query_is_entities() -> None:
    for order, target in (
        ("Which words of the query name the colour?", "colour"),
        ("Identify all product types in the query.", "product types"),
        ("Extract the material from this query.", "material"),
    ):
        question = asked(f"{order}\nQuery: dark red wool scarf")
        assert (question.task, question.source) == (Task.ENTITIES, "dark red wool scarf")
        assert question.target == target


def test_the_best_first_is_an_order() -> None:
    question = asked("Sort the 3 results, the most relevant first.\n1. hat\n2. coat\n3. cap")
    assert question.task is Task.RANKING
