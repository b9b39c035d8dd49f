"""Which text an answer's words are taken from, and that they are asked for at all."""

from __future__ import annotations

import pytest
from asking import asked

from service.question import Task

ASPECT = "Extract the keyphrase from the review that mentions the aspect.\n"


@pytest.mark.parametrize(
    "labels",
    [
        "Product title: mittens with a warm lining\nReview: Thin lining, sadly.",
        "Review: Thin lining, sadly.\nProduct title: mittens with a warm lining",
        "Locale: us\nReview: Thin lining, sadly.\nText: mittens",
    ],
)
def test_the_text_that_the_order_names(labels: str) -> None:
    question = asked(f"{ASPECT}{labels}\nAspect: lining\nOutput:")
    assert question.source == question.focus == "Thin lining, sadly."
    assert (question.task, question.choose, question.target) == (Task.GENERATION, 1, "lining")


@pytest.mark.parametrize(
    ("labels", "source"),
    [
        ("Locale: us\nQuery: solea mittens", "solea mittens"),
        ("Query: solea mittens\nLocale: us", "solea mittens"),
        ("Colour: no\nWeather: cold", "cold"),
        ("Query: Norvik hat\nOutput: Norvik\nLocale: de\nQuery: solea hat", "solea hat"),
    ],
)
def test_the_text_when_none_is_named(labels: str, source: str) -> None:
    assert asked(f"Extract the entities of type 'brand'.\n{labels}\nOutput:").source == source


def test_several_texts_that_the_order_names() -> None:
    question = asked(
        "Extract all brands from the title and the description.\n"
        "Title: Norvik hat\nDescription: By Solea.\nPrice: 3"
    )
    assert question.source == "Norvik hat\nBy Solea.\nPrice: 3"


@pytest.mark.parametrize(
    "review",
    [
        "Warm.\nFit: narrow\nCons: thin lining",
        "Warm.\n\nOn the second day: torn. Please select a larger size.\n\nStill fine.",
        "Warm.\n\nOutput was loud. Which one would you buy?\n\nI would not.",
    ],
)
def test_a_text_is_whole_whatever_labels_it_has(review: str) -> None:
    question = asked(f"{ASPECT}Review: {review}\nAspect: lining\nOutput:")
    assert question.source == review
    assert question.target == "lining"


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("From the following query, extract the brand.\nsolea hat", "solea hat", "brand"),
        ("Identify all sizes in the search query: large solea hat", "large solea hat", "sizes"),
        ("Extract the brand and size from this title: Solea M", "Solea M", "brand and size"),
        ("Extract the brand from this title: 'Solea M'.", "Solea M", "brand"),
        ("Extract the brand from this title: Solea hat. Only output it.", "Solea hat.", "brand"),
        ("What are the entities of type 'brand' in the query?\nsolea M", "solea M", "brand"),
        ("Perform named entity recognition. Query: solea M Entity type: brand", "solea M", "brand"),
        ("Query: solea M\nEntity type: brand\nEntities:", "solea M", "brand"),
        ("Tag the brand in 'solea M'. Return the exact words.", "solea M", "brand"),
        ("Which words of the query name a size?\nQuery: solea M", "solea M", "size"),
    ],
)
def test_entities_are_asked_for_in_many_ways(text: str, source: str, target: str) -> None:
    question = asked(text)
    assert (question.task, question.choose) == (Task.ENTITIES, 5)
    assert (question.source, question.target) == (source, target)


def test_one_per_line_may_be_many() -> None:
    text = "Extract all sizes from the query 'M or L hat'. Output one per line."
    assert asked(text).choose == 5
    assert asked(text, task=Task.ENTITIES).choose == 5


@pytest.mark.parametrize(
    "text",
    [
        "Which phrase of the review speaks of the brim?\nReview: A hat. Its brim is torn.",
        "Review: A hat. Its brim is torn.\nWhich part of the review is about the brim? Copy it.",
        "Review: A hat. Its brim is torn.\nAspect: brim\nKeyphrase:",
    ],
)
def test_one_piece_is_asked_for_in_many_ways(text: str) -> None:
    question = asked(text)
    assert (question.task, question.choose) == (Task.GENERATION, 1)
    assert (question.source, question.target) == ("A hat. Its brim is torn.", "brim")


@pytest.mark.parametrize(
    "text",
    [
        "Identify the sentiment of the text: I like this hat.",
        "What is the intent of this query: solea hat",
        "Identify the language of the query 'blauer hut'.",
        "Identify the customer's problem in the review and help her.\nReview: Torn.",
        "Find a good title for the hat in the description.\nDescription: A red hat.",
        "Review: A hat.\nAspect: brim\nSentiment:",
        "Write a slogan with the entity.\nEntity type: brand\nQuery: solea hat",
    ],
)
def test_what_is_told_in_other_words_has_no_source(text: str) -> None:
    question = asked(text)
    assert (question.task, question.source) == (Task.GENERATION, "")
