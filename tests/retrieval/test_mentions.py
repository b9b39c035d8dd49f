from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from retriever_conformance import RetrieverConformance
from toyshop import ToyCatalogue, toy_items

from service.domain import Intent, Item
from service.ports import RetrievalQuery
from service.retrieval import mentions
from service.retrieval.mentions import Mentions
from service.retrieval.words_said import READ, Word, words_said

NO_HISTORY = np.array([], dtype=np.int64)

ITEMS = [
    Item("a", "A", ("Home & Garden", "Garden")),
    Item("b", "B", ("Garden", "Kids' Toys")),
    Item("c", "C", ("Sci-Fi",)),
    Item("d", "D", ("Horror", "Sci-Fi")),
    Item("e", "E", ("Größe L", "!!!")),
    Item("f", "F", ()),
]


def wish(words: str) -> RetrievalQuery:
    return RetrievalQuery(NO_HISTORY, words)


def named(words: str, items: Sequence[Item] = ITEMS) -> dict[str, float]:
    """How many of the named categories each item has, of those that have any."""
    catalogue = ToyCatalogue(items)
    retriever = Mentions(catalogue)
    if not retriever.knows(wish(words)):
        return {}
    counts = retriever.opinion(wish(words)).of(np.arange(catalogue.size))
    return {catalogue.item(row).id: count for row, count in enumerate(counts.tolist()) if count}


class TestMentions(RetrieverConformance):
    size = 40

    @pytest.fixture
    def retriever(self) -> Mentions:
        return Mentions(ToyCatalogue(toy_items(self.size)))

    @pytest.fixture(params=["a Red one, or a green Mug", "lamp and drum and sock and blue and Red"])
    def query(self, request: pytest.FixtureRequest) -> RetrievalQuery:
        return RetrievalQuery(np.array([1, 2]), request.param)

    @pytest.mark.parametrize("share", [1.0, 0.5])
    @pytest.mark.parametrize("limit", [1, 7, 10_000])
    def test_the_best_are_allowed_and_distinct(
        self, retriever: Mentions, query: RetrievalQuery, share: float, limit: int
    ) -> None:
        super().test_the_best_are_allowed_and_distinct(retriever, query, share, limit)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("something for the GARDEN, please", {"a": 1, "b": 1}),
        ("home & garden", {"a": 1}),
        ("home and garden", {"a": 1}),
        ("home garden", {"a": 1}),
        ("home, for the gardens", {"a": 1, "b": 1}),
        ("kids' toys or horror", {"b": 1, "d": 1}),
        ("sci-fi horror", {"c": 1, "d": 2}),
        ("Horror, horror and more horror", {"d": 1}),
        ("größe l", {"e": 1}),
        ("gro\u0308ße l", {"e": 1}),
        ("gardening", {}),
        ("!!!", {}),
        ("", {}),
        ("no horror, but sci-fi", {"c": 1, "d": 1}),
        ("sci-fi without any horror", {"c": 1, "d": 1}),
        ("horror, not too long ago, I saw some sci-fi", {"c": 1, "d": 2}),
        ("sci-fi, but I don't like much blood and horror", {"c": 1, "d": 1}),
        ("sci-fi, but I don\u2019t like horror", {"c": 1, "d": 1}),
        ("I cannot stand horror. Sci-fi!", {"c": 1, "d": 1}),
        ("I dislike horror\nsci-fi", {"c": 1, "d": 1}),
        ("sci-fi instead of horror", {"c": 1, "d": 1}),
        ("sci-fi instead, or horror", {"c": 1, "d": 2}),
        ("sci-fi rather than horror", {"c": 1, "d": 1}),
        ("no horror but sci-fi", {"c": 1, "d": 1}),
        ("anything but horror", {}),
        ("nothing but horror", {"d": 1}),
        ("why not horror", {"d": 1}),
        ("why don't we see horror?", {"d": 1}),
        ("I can never get enough of horror", {"d": 1}),
        ("I wouldn't mind horror", {"d": 1}),
        ("not only horror but sci-fi", {"c": 1, "d": 2}),
        ("I have no preference, horror maybe", {"d": 1}),
        ("not horror \u2013 sci-fi", {"c": 1, "d": 1}),
        ("horrors", {"d": 1}),
    ],
)
def test_names_count_that_stand_there_whole_and_are_wanted(
    words: str, expected: dict[str, float]
) -> None:
    assert named(words) == expected


def test_what_a_search_rules_out_ends_with_it() -> None:
    assert named(Intent(query="without horror", text="sci-fi").words) == {"c": 1, "d": 1}
    assert named(Intent(query="great books", text="New ones").words, ODD) == {"books": 1}


ODD = [
    Item("it", "A", ("IT",)),
    Item("me", "B", ("Me",)),
    Item("new", "C", ("New",)),
    Item("more", "D", ("More", "Thriller")),
    Item("books", "E", ("Books", "Comedy")),
    Item("watch", "F", ("Watches", "Sci Fi")),
    Item("art", "G", ("Arts", "Sci-Fi", "Sci Fi")),
    Item("toys", "H", ("Toys & Games",)),
    Item("news", "I", ("News", "&")),
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("is it new for me, or more of it", {}),
        ("It is new. New, and more", {}),
        ("More of it! Me too", {}),
        ("something New, with More", {"new": 1, "more": 1}),
        ("something for Me", {"me": 1}),
        ("jobs in IT", {"it": 1}),
        ("IT jobs", {"it": 1}),
        ("thrillers", {"more": 1}),
        ("a book", {"books": 1}),
        ("comedies", {"books": 1}),
        ("a watch", {"watch": 1}),
        ("art", {"art": 1}),
        ("toys and games", {"toys": 1}),
        ("toys & game", {"toys": 1}),
        ("sci-fi", {"watch": 1, "art": 1}),
        ("news & more", {"news": 1}),
    ],
)
def test_names_that_are_ordinary_words_and_forms_of_others(
    words: str, expected: dict[str, float]
) -> None:
    assert named(words, ODD) == expected


SMALL = [
    Item("misc", "A", ("other",)),
    Item("no", "B", ("no", "new")),
    Item("art", "C", ("art",)),
    Item("dvd", "D", ("dvds", "all")),
    Item("it", "E", ("it", "for", "up")),
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("any other book about rome", {}),
        ("something new for all of us", {}),
        ("no tents please", {}),
        ("is it warm enough for her up there", {}),
        ("modern art", {"art": 1}),
        ("dvds", {"dvd": 1}),
    ],
)
def test_small_letters_do_not_make_a_name_of_a_word_of_any_sentence(
    words: str, expected: dict[str, float]
) -> None:
    assert named(words, SMALL) == expected


def test_a_wish_is_read_once_and_of_a_long_one_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def noting(text: str) -> tuple[Word, ...]:
        words = words_said(text)
        read.append(len(words))
        return words

    monkeypatch.setattr(mentions, "words_said", noting)
    retriever = Mentions(ToyCatalogue(ITEMS))
    long = wish("horror " * 100_000)
    assert retriever.knows(long)
    assert retriever.opinion(long).of(np.arange(len(ITEMS))).sum() == 1
    assert read == [READ]


@given(st.text(alphabet="aAnN oO't.,!?&-\u2019\n", max_size=60))
def test_any_text_is_read_word_by_word(text: str) -> None:
    words = words_said(text)
    assert all(word.written in text for word in words)
    assert not words or (words[0].first and not words[0].unwanted)


def test_the_popular_come_first_among_equals() -> None:
    catalogue = ToyCatalogue(toy_items(40))
    best = Mentions(catalogue).opinion(wish("something Red")).best(np.ones(40, dtype=np.bool_), 40)
    place = {row: at for at, row in enumerate(catalogue.popular_rows.tolist())}
    places = [place[row] for row in best.tolist()]
    assert places == sorted(places)
    assert len(best) == 10


@pytest.mark.parametrize("words", ["\ud83d", "\x00", "blue " * 50_000, "(" * 10_000])
def test_strange_words_are_read(words: str) -> None:
    retriever = Mentions(ToyCatalogue(toy_items(40)))
    assert retriever.knows(wish(words)) == ("blue" in words)
