# ruff: noqa: RUF001 - signs of other scripts are what these read
"""Scales in the words of those who ask for a rating."""

from __future__ import annotations

import pytest
from asking import asked, names

from service.question import Task

REVIEW = "\nReview: the lid leaks and the handle broke"


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("Rate the flask out of 5.", 1, 5),
        ("How many stars out of ten would she give?", 1, 10),
        ("On a 5-point scale, how pleased is the buyer?", 1, 5),
        ("Give a grade on a seven-point Likert scale.", 1, 7),
        ("Use a scale of 4 points to rate the flask.", 1, 4),
        ("Rate the flask from one to five.", 1, 5),
        ("Rate how glad she is on a scale from zero to ten.", 0, 10),
        ("Rate the mood on a scale from -2 to 2.", -2, 2),
        ("Rate the mood (1 = sour, 5 = sunny).", 1, 5),
        ("Rate the mood on a scale of −3 to +3.", -3, 3),
        ("Bewerte die Flasche auf einer 5-stufigen Skala.", 1, 5),
        ("Bewerte die Flasche von eins bis fünf.", 1, 5),
        ("Review: It is light.\nPredicted rating (1-5 stars):", 1, 5),
        ("Notez la gourde sur 10.", 1, 10),
        ("Evalúa la botella en una escala de 7 puntos.", 1, 7),
        ("このレビューを5段階で評価してください。", 1, 5),
        ("请给这条评论打分，满分10分。", 1, 10),
        ("이 리뷰를 5점 만점으로 평가하세요.", 1, 5),
    ],
)
def test_scales_are_read(order: str, first: int, last: int) -> None:
    question = asked(order if "Review" in order else order + REVIEW + "\nAnswer:")
    assert question.task is Task.MULTIPLE_CHOICE
    assert names(question) == " ".join(map(str, range(first, last + 1)))


@pytest.mark.parametrize(
    "text",
    [
        "She gave it 4 out of 5 stars. What broke?",
        "She gave it 4 stars out of 5. What broke?",
        "Three out of 5 rate it well. What broke?",
        "Rate the flask in one to three words.",
        "It has a 5-star rating. What broke?",
        "A rating of 3 out of 5 customers is shown. What broke?",
        "Rate it on a scale of -50 to 50.",
    ],
)
def test_ratings_that_were_given_are_no_scales(text: str) -> None:
    assert asked(text + REVIEW).options == ()
