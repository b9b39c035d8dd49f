# ruff: noqa: RUF001 - punctuation of other scripts is what these read
"""Where a quote ends, though titles hold apostrophes, feet and inches."""

from __future__ import annotations

from itertools import pairwise

import pytest
from asking import asked
from growth import LARGE, grows_evenly
from hypothesis import given
from hypothesis import strategies as st

from service.question import Task
from service.questions.text.quotes import quotes, without_quotes

LIST = "\n1. oak desk\n2. desk lamp\n3. rug\n4. mug\n5. mat"
TITLES = [
    "toddlers' rain boots size 7",
    "8' x 10' shag rug",
    "8' x 10', shag rug",
    "Girls' Knit Cardigan, Pack of 2",
    "Men's 34\" belt",
    '32" curved screen, black',
    "wash 'n' wear shirt",
    "Women's and Girls' Raincoat",
    "Ladies' 6' Scarf, Pick 2",
    "Boys' Puzzle: sort 12 pieces",
    "a 'Pro' kettle",
    "tent 3",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    "stem",
    [
        "The product '{}' appears on a website. What is it made of?",
        "What goes with '{}'?",
        "Is '{}' cheaper than 'oak desk' for the customers' children?",
    ],
)
def test_a_title_is_cited_whole(title: str, stem: str) -> None:
    assert quotes(stem.format(title))[0].text == title


@pytest.mark.parametrize("title", TITLES)
def test_no_word_of_a_title_is_an_order(title: str) -> None:
    question = asked(f"Rank the products by their relevance to the query '{title}'.{LIST}")
    assert (question.task, question.focus) == (Task.RANKING, title)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("between 'wool hats' and 'caps'", ["wool hats", "caps"]),
        ("'wool hats' are the customers' choice", ["wool hats"]),
        ("a 'hat' and the customers' advice", ["hat"]),
        ('"27" frame" or "cup"', ['27" frame', "cup"]),
        ("„Hut“ oder „Schal“", ["Hut", "Schal"]),
        ("‘Men’s hat’ or ‘girls’ socks’", ["Men’s hat", "girls’ socks"]),
        ("“24” frame” or “cup”", ["24” frame", "cup"]),
        ("“电钻”的“钻头”", ["电钻", "钻头"]),
        ("`blue cup` and `mug`", ["blue cup", "mug"]),
        ("('cup') (\"mug\")", ["cup", "mug"]),
        ("It's the shop's.", []),
        ("one 'never\nends' here", []),
    ],
)
def test_quotes(text: str, cited: list[str]) -> None:
    assert [quote.text for quote in quotes(text)] == cited


@pytest.mark.parametrize("marks", ["**{}**", "({})", "[{}]", "<{}>", "`{}`", "“{}”"])
def test_other_marks_around_a_query(marks: str) -> None:
    cited = marks.format("pick 2 ranked lamps")
    question = asked(f"Which product suits the query {cited} best?{LIST}")
    assert (question.task, question.choose) == (Task.MULTIPLE_CHOICE, 1)


def test_rules_in_bold_are_the_askers() -> None:
    question = asked(f"A student sits down. **Select 2 products.**{LIST}")
    assert question.choose == 2


@given(st.text(alphabet="ab s'\"’‘“”„`«»9,\n", max_size=30))
def test_quotes_stand_apart_and_in_one_line(text: str) -> None:
    found = quotes(text)
    for quote in found:
        assert quote.text == text[quote.start + 1 : quote.end - 1].strip() != ""
        assert "\n" not in quote.text
    assert all(one.end <= after.start for one, after in pairwise(found))


@pytest.mark.parametrize("piece", ["'a ", "a' ", "'a' ", "'n' ", '6" ', "“a ", "query ("])
def test_many_marks_are_read_as_fast_as_others(piece: str) -> None:
    text = piece * (LARGE // len(piece) + 1)
    assert grows_evenly(lambda size: without_quotes(text[:size]))
