"""Words are taken from a text wherever an order to take them and a text are there."""
# ruff: noqa: RUF001 - signs of other scripts are what is read

from __future__ import annotations

import pytest
from asking import asked

from service.question import Task


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Extract the maker.\nTitle: Opal kettle, 2 l", "Opal kettle, 2 l"),
        ("Extract all makers: Opal and Zest kettles", "Opal and Zest kettles"),
        ("Extract the maker from 'Opal kettle'.", "Opal kettle"),
        ("Which maker is in this query? Query: opal kettle", "opal kettle"),
        ('Given the query "opal kettle blue", which words denote the maker?', "opal kettle blue"),
        ("What is the maker in the title 'Opal kettle'?", "Opal kettle"),
        ("Extrahiere den Hersteller aus dem Titel: Opal Kessel", "Opal Kessel"),
        ("Extrais le fabricant du titre : bouilloire Opal", "bouilloire Opal"),
        ("Extrae el fabricante.\nTítulo: hervidor Opal", "hervidor Opal"),
        ("提取品牌\n标题：欧宝水壶", "欧宝水壶"),
        ("メーカーを抽出してください。\nタイトル：オパールのやかん", "オパールのやかん"),
    ],
)
def test_entities_of_any_kind(text: str, source: str) -> None:
    question = asked(text)
    assert (question.task, question.source) == (Task.ENTITIES, source)


@pytest.mark.parametrize(
    "text",
    [
        "Extract the mood of the review.\nReview: A fine kettle.",
        "Extract the main points and write a title.\nText: A fine kettle.",
        "Extract what matters and explain it.\nText: A fine kettle.",
        "Which language is in this query?\nQuery: opal kettle",
        "Extract the maker.",
    ],
)
def test_what_is_told_in_other_words_is_no_entity(text: str) -> None:
    question = asked(text)
    assert (question.task, question.source) == (Task.GENERATION, "")


def test_a_part_of_a_review_is_one_piece() -> None:
    order = "Extract the part of the review that talks about it."
    question = asked(f"Review: It whistles loudly. It is heavy.\nAspect: noise\n{order}")
    assert (question.task, question.choose) == (Task.GENERATION, 1)
    assert question.source == "It whistles loudly. It is heavy."


def test_entities_of_a_list_are_looked_for_in_all_of_it() -> None:
    question = asked("Which can boil?\n1. kettle\n2. rug\n3. pan", task=Task.ENTITIES)
    assert question.source == "kettle\nrug\npan"
