from __future__ import annotations

import pytest

from service.prompts.descriptions import described
from service.question import Option, Question, Task


def texts(stem: str, *given: str) -> list[str]:
    options = tuple(Option(str(n), text) for n, text in enumerate(given))
    return [option.text for option in described(Question(Task.MULTIPLE_CHOICE, stem, options, 1))]


QUERIES = 'Which word names the relation from query "skis" to query "ski boots"?'
PRODUCTS = "How is product 1 'Skis' related to product 2 'Snowboard'?"
MATCH = "Judge the relevance of the product 'Skis' to the query 'ski boots'."


@pytest.mark.parametrize(
    ("stem", "start"),
    [
        (QUERIES, "substitute: the second query is for"),
        (PRODUCTS, "substitute: the two are alike"),
        (MATCH, "substitute: the product is not quite what the query asks for"),
        ("In welcher Beziehung stehen diese beiden Produkte?", "substitute: the two are alike"),
    ],
)
def test_what_a_word_says_depends_on_what_is_compared(stem: str, start: str) -> None:
    assert texts(stem, "substitute")[0].startswith(start)


@pytest.mark.parametrize(
    "word",
    ["substitute", "complement", "irrelevant", "narrowing", "broadening", "exact", "similar",
     "also buy", "also view"],
)  # fmt: skip
def test_every_word_is_explained_for_every_pair(word: str) -> None:
    meanings = {texts(stem, word)[0] for stem in (QUERIES, PRODUCTS, MATCH)}
    assert all(text.startswith(f"{word}: ") for text in meanings)
    assert len(meanings) >= 2


@pytest.mark.parametrize(
    "form",
    ["Complementary", "COMPLEMENT.", "'complements'", "Also-Bought", "exact match", "not relevant"],
)
def test_other_forms_of_a_word_are_known(form: str) -> None:
    [text] = texts(PRODUCTS, form)
    assert text.startswith(f"{form}: ")


def test_a_phrase_that_only_holds_such_a_word_stays() -> None:
    assert texts(PRODUCTS, "sugar substitute", "", "12") == ["sugar substitute", "", "12"]


def test_a_question_about_something_else_keeps_its_words() -> None:
    assert texts("Which vitamin is this?", "complement", "exact") == ["complement", "exact"]
