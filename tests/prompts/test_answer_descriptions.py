from __future__ import annotations

import pytest
from growth import grows_evenly

from service.prompts.descriptions import described
from service.prompts.pair import pair
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


@pytest.mark.parametrize(
    ("stem", "start"),
    [
        ('What is the relation from query "hair products" to query "shampoo"?', "the second query"),
        ('How are the queries "gift items" and "toys" related?', "the second query"),
        ('How are the products "search light" and "lamp" related?', "the two go"),
        ("How do they relate?\nSearch query: roof product\nProduct title: Query", "the product is"),
        ("How do they relate?\nQuery 1: item\nQuery 2: product", "the second query"),
        ('How does the product below match the query "tent"?\nProduct: Igloo', "the product is"),
        (("\u67e5\u8be2\u201c\u4ea7\u54c1\u201d\u4e0e\u67e5\u8be2\u201c\u9489\u201d\u7684"
         "\u5173\u7cfb\uff1f"), "the second query"),
        ('The query "tent" finds product "Igloo". Is product "Igloo" relevant to query "tent"?',
         "the product is"),
    ],
)  # fmt: skip
def test_what_is_quoted_or_labelled_does_not_say_what_it_is(stem: str, start: str) -> None:
    assert texts(stem, "complement")[0].startswith(f"complement: {start}")


@pytest.mark.parametrize(
    "stem",
    [
        'A user shopping for products typed "phone" and then "case". How are they related?',
        'Which word is closest in meaning to "related"?',
        'Which relation does "product" have to "query"?',
        'How are the products "a", "b" and "c" related?',
        'Someone searched for "tent" and bought the product "pegs". What is the relation?',
        "Which product is similar to the query?",
    ],
)
def test_where_it_is_not_sure_what_is_related_nothing_is_explained(stem: str) -> None:
    assert texts(stem, "complement", "exact") == ["complement", "exact"]


@pytest.mark.parametrize(
    "unit", ['"a" ', 'query "a" and ', "query 1 ", "two products ", "Query: a\n"]
)
def test_a_stem_of_any_length_is_read_in_one_pass(unit: str) -> None:
    assert grows_evenly(lambda size: pair("relation " + unit * (size // len(unit))))


def test_a_question_about_something_else_keeps_its_words() -> None:
    assert texts("Which vitamin is this?", "complement", "exact") == ["complement", "exact"]
