from __future__ import annotations

import numpy as np
import pytest
from retriever_conformance import RetrieverConformance
from toyshop import ToyCatalogue, toy_items

from service.domain import Item
from service.ports import RetrievalQuery
from service.retrieval.mentions import Mentions

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


def named(words: str) -> dict[str, float]:
    """How many of the named categories each item has, of those that have any."""
    catalogue = ToyCatalogue(ITEMS)
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

    @pytest.fixture(params=["a red one, or a green mug", "lamp and drum and sock and blue and red"])
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
        ("home and garden", {"a": 1, "b": 1}),
        ("kids' toys or horror", {"b": 1, "d": 1}),
        ("sci-fi horror", {"c": 1, "d": 2}),
        ("Horror, horror and more horror", {"d": 1}),
        ("größe l", {"e": 1}),
        ("gardening", {}),
        ("!!!", {}),
        ("", {}),
        ("no horror, but sci-fi", {"c": 1, "d": 1}),
        ("sci-fi without any horror", {"c": 1, "d": 1}),
        ("horror, not too long ago I saw some sci-fi", {"c": 1, "d": 2}),
    ],
)
def test_names_count_that_stand_there_whole_and_are_wanted(
    words: str, expected: dict[str, float]
) -> None:
    assert named(words) == expected


def test_the_popular_come_first_among_equals() -> None:
    catalogue = ToyCatalogue(toy_items(40))
    best = Mentions(catalogue).opinion(wish("red")).best(np.ones(40, dtype=np.bool_), 40)
    place = {row: at for at, row in enumerate(catalogue.popular_rows.tolist())}
    places = [place[row] for row in best.tolist()]
    assert places == sorted(places)
    assert len(best) == 10


@pytest.mark.parametrize("words", ["\ud83d", "\x00", "red " * 50_000, "(" * 10_000])
def test_strange_words_are_read(words: str) -> None:
    retriever = Mentions(ToyCatalogue(toy_items(40)))
    assert retriever.knows(wish(words)) == ("red" in words)
