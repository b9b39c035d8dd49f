from __future__ import annotations

import pytest
from asking import asked

from service.errors import UnreadableQuestion
from service.question import Task


def test_entities_of_a_labelled_text() -> None:
    question = asked(
        "You are a linguist. Please extract phrases from the query that correspond to the entity"
        " type 'brand'. Separate several with commas.\nQuery: Alpenkraft wool socks\nOutput: "
    )
    assert question.task is Task.ENTITIES
    assert (question.source, question.target) == ("Alpenkraft wool socks", "brand")
    assert (question.choose, question.options) == (5, ())
    assert question.extracts


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("Identify all entities of type 'colour'.\nText:\nA red tent.", "A red tent.", "colour"),
        (
            "Extract from 'wool socks' the entities of the type 'material'.",
            "wool socks",
            "material",
        ),
        ("Extrahiere alle Entitäten vom Typ 'Marke'.\nAnfrage: Socken", "Socken", "Marke"),
        ("Extrayez les entités de type 'marque'.\nRequête : laine", "laine", "marque"),
        ("Extrae las entidades del tipo 'marca'.\nConsulta: lana", "lana", "marca"),
        ("Estrai le entità di tipo 'marca'.\nRicerca: lana", "lana", "marca"),
        ("从查询中提取实体类型为“品牌”的实体。\n查询：羊毛袜", "羊毛袜", "品牌"),  # noqa: RUF001
        (
            "Extract the entities of type material from the text.\nText: oak desk",
            "oak desk",
            "material",
        ),
    ],
)
def test_entities_in_other_words(text: str, source: str, target: str) -> None:
    question = asked(text)
    assert (question.task, question.source, question.target) == (Task.ENTITIES, source, target)


def test_the_last_example_is_the_question() -> None:
    question = asked(
        "Extract the entities of type 'brand'.\nQuery: Norvik tent\nOutput: Norvik\n"
        "Query: Solea hat\nOutput:"
    )
    assert question.source == "Solea hat"


def test_entities_of_a_text_without_a_label() -> None:
    question = asked("Find the materials.\n\noak desk with steel legs", task=Task.ENTITIES)
    assert question.source == "oak desk with steel legs"
    assert any("No text is labelled" in note for note in question.notes)
    quoted = asked("Find the materials in 'oak desk with steel legs'", task=Task.ENTITIES)
    assert quoted.source == "oak desk with steel legs"


def test_how_many_entities() -> None:
    text = "Extract the entities of type 'brand' from the query.\nQuery: Norvik tent"
    assert asked(text, k=2).choose == 2
    one = "Extract only one entity of type 'brand'.\nQuery: Norvik tent"
    assert asked(one).choose == 1
    assert asked(one, k=3).choose == 3


def test_no_text_to_take_entities_from() -> None:
    with pytest.raises(UnreadableQuestion, match="no text was found"):
        asked("Extract the entities of the type brand.", task=Task.ENTITIES)


def test_one_phrase_about_an_aspect() -> None:
    question = asked(
        "Extract the keyphrase from the review that mentions the aspect. Extract ONLY ONE"
        " keyphrase.\n"
        "Review: Soft wool.  The heel is thin, sadly.\n\nI'd buy them again.\n"
        "Aspect: durability\nOutput:"
    )
    assert (question.task, question.choose) == (Task.GENERATION, 1)
    assert question.source == "Soft wool.  The heel is thin, sadly.\n\nI'd buy them again."
    assert question.target == "durability"


def test_several_phrases_are_entities() -> None:
    text = "Extract all phrases that mention the aspect.\nReview: Soft. Thin heel.\nAspect: quality"
    assert asked(text).task is Task.ENTITIES
    assert asked(text, task=Task.GENERATION).choose == 1


def test_other_texts_are_written_freely() -> None:
    question = asked("Write a summary of the review.\nReview: Soft wool. Thin heel.")
    assert (question.task, question.source) == (Task.GENERATION, "")


def test_the_asker_speaks_again_behind_a_text() -> None:
    question = asked(
        "Read the query.\nQuery: Solea hat\n\nExtract all entities of type 'brand' and"
        " output them only."
    )
    assert question.source == "Solea hat"


def test_all_in_one_line() -> None:
    question = asked(
        "Extract the entities of type 'brand' from the query. Query: Solea hat Output:"
    )
    assert (question.source, question.target) == ("Solea hat", "brand")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Extract up to three colors from this review.\nReview: A teal and grey rug.", "colors"),
        ("Extract at most 2 materials from this review.\nReview: Oak and tin.", "materials"),
        ("Which words in the query 'teal wool rug' are a material?", "material"),
        ("Which word of the query 'teal wool rug' is the color?", "color"),
    ],
)
def test_a_target_behind_a_number_or_at_the_end(text: str, target: str) -> None:
    assert asked(text).target == target
