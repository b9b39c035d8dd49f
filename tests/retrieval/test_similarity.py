from __future__ import annotations

import faiss
import numpy as np
import pytest
from retriever_conformance import BOTH, HISTORY, WORDS, RetrieverConformance
from shelf import Shelf, unit_rows

from service.errors import DamagedArtifact
from service.ports import Pronounced, RetrievalQuery, Retriever
from service.retrieval import index
from service.retrieval import vectors as embedded
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.index import build_index
from service.retrieval.search import CROWD, Meaning, Search
from service.retrieval.similarity import RECENT, Similarity
from service.retrieval.vectors import Vectors
from service.steering.arrays import FloatArray, IntArray

TITLES = [
    "Merino wool winter hat",
    "Thermal gloves for skiing",
    "Down jacket with hood",
    "Fleece blanket",
    "Wireless noise-cancelling headphones",
    "Portable bluetooth speaker",
    "USB-C charging cable",
    "Mechanical keyboard",
    "Dog chew toy",
    "Cat scratching post",
    "Stainless steel frying pan",
    "Cast iron casserole",
]
HAT, GLOVES, HEADPHONES, SPEAKER, KEYBOARD, DOG, CAT, PAN, CASSEROLE = 0, 1, 4, 5, 7, 8, 9, 10, 11
NO_HISTORY = np.array([], dtype=np.int64)
ALL = np.ones(len(TITLES), dtype=np.bool_)


def vectors_of(encoder: OnnxEncoder, titles: list[str]) -> Vectors:
    vectors = encoder.encode(titles)
    return Vectors(Shelf(np.ones(len(titles), dtype=np.int64), vectors), build_index(vectors))


@pytest.fixture(scope="module")
def shop(encoder: OnnxEncoder) -> Similarity:
    return Similarity(vectors_of(encoder, TITLES))


@pytest.fixture(scope="module")
def box(encoder: OnnxEncoder) -> Search:
    """The search box."""
    return Search(vectors_of(encoder, TITLES), encoder)


def met(*rows: int) -> RetrievalQuery:
    return RetrievalQuery(np.array(rows, dtype=np.int64), "")


def wish(words: str) -> RetrievalQuery:
    return RetrievalQuery(NO_HISTORY, words)


def best(retriever: Retriever, query: RetrievalQuery, but: tuple[int, ...] = ()) -> int:
    allowed = ALL.copy()
    allowed[list(but)] = False
    return int(retriever.opinion(query).best(allowed, 1)[0])


def many_ties(encoder: OnnxEncoder) -> Vectors:
    vectors = unit_rows(11, 400, encoder.dimension)
    vectors[::3] = vectors[0]
    return Vectors(Shelf(np.ones(400, dtype=np.int64), vectors), build_index(vectors))


@pytest.fixture(params=[10_000, 0], ids=["every row", "by index"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FEW", request.param)


class TestSimilarity(RetrieverConformance):
    size = 400

    @pytest.fixture
    def retriever(self, encoder: OnnxEncoder, few: None) -> Similarity:
        return Similarity(many_ties(encoder))

    @pytest.fixture(params=[HISTORY, BOTH])
    def query(self, request: pytest.FixtureRequest) -> RetrievalQuery:
        return request.param


class TestSearch(RetrieverConformance):
    size = 400

    @pytest.fixture
    def retriever(self, encoder: OnnxEncoder, few: None) -> Search:
        return Search(many_ties(encoder), encoder)

    @pytest.fixture(params=[WORDS, BOTH])
    def query(self, request: pytest.FixtureRequest) -> RetrievalQuery:
        return request.param


@pytest.mark.parametrize(
    ("words", "row"),
    [("listen to music on the train", HEADPHONES), ("puppy", DOG), ("fry an egg", PAN)],
)
def test_words_find_what_they_mean(box: Search, words: str, row: int) -> None:
    assert best(box, wish(words)) == row


def test_history_finds_what_resembles_it(shop: Similarity) -> None:
    assert best(shop, met(DOG), but=(DOG,)) == CAT


def test_cosines_are_computed_once_a_row(shop: Similarity) -> None:
    once = shop.vectors.cosines(3)
    assert shop.vectors.cosines(3) is once
    expected = np.vecdot(shop.vectors.all, shop.vectors.all[3])
    assert np.array_equal(once, expected.astype(np.float32))


def test_later_history_counts_more(shop: Similarity) -> None:
    between = (DOG, CAT, PAN, KEYBOARD, CASSEROLE)
    rows = np.array([HAT, SPEAKER])
    cold, loud = (
        shop.opinion(met(first, *between, last)).of(rows)
        for first, last in ((HEADPHONES, GLOVES), (GLOVES, HEADPHONES))
    )
    assert cold[0] > loud[0]
    assert cold[1] < loud[1]


def test_a_repeated_item_counts_once_where_it_stood_last(shop: Similarity) -> None:
    rows = np.arange(len(TITLES))

    def of(*history: int) -> list[float]:
        scores: list[float] = shop.opinion(met(*history)).of(rows).tolist()
        return scores

    assert of(DOG, HAT, PAN, DOG, DOG) == of(HAT, PAN, DOG)
    assert of(DOG, HAT, PAN) != of(HAT, PAN, DOG)
    assert of(GLOVES, *[DOG] * 50) == of(GLOVES, DOG)


def test_a_divided_taste_finds_both_halves(shop: Similarity) -> None:
    allowed = ALL.copy()
    allowed[[HEADPHONES, DOG]] = False
    assert {SPEAKER, CAT} <= set(shop.opinion(met(HEADPHONES, DOG)).best(allowed, 3).tolist())


def test_only_the_recent_history_counts(shop: Similarity) -> None:
    recent, rows = range(RECENT), np.arange(len(TITLES))
    answers = [shop.opinion(met(*before, *recent)).of(rows) for before in ([], [PAN, CASSEROLE])]
    np.testing.assert_array_equal(*answers)


def test_each_knows_its_own_part_of_a_request(shop: Similarity, box: Search) -> None:
    for nothing in (wish(""), wish(" \t\n"), met(-1, len(TITLES))):
        assert not shop.knows(nothing)
        assert not box.knows(nothing)
    assert shop.knows(met(DOG))
    assert not box.knows(met(DOG))
    assert box.knows(wish("dog"))
    assert not shop.knows(wish("dog"))


def test_unknown_rows_of_the_history_are_passed_over(shop: Similarity) -> None:
    rows = np.arange(len(TITLES))
    with_unknown = met(-1, DOG, -1)
    assert shop.knows(with_unknown)
    np.testing.assert_array_equal(
        shop.opinion(with_unknown).of(rows), shop.opinion(met(DOG)).of(rows)
    )


@pytest.mark.parametrize("words", ["\ud83d", "\x00\x00", "🎧" * 500, "a" * 20_000, "?!"])
def test_strange_words_are_answered(box: Search, words: str) -> None:
    assert len(box.opinion(wish(words)).best(ALL, 5)) == 5


def test_opposite_histories_have_no_mean_and_are_answered(encoder: OnnxEncoder) -> None:
    vectors = unit_rows(2, 3, encoder.dimension)
    vectors[1] = -vectors[0]
    shelf = Shelf(np.ones(3, dtype=np.int64), vectors)
    opinion = Similarity(Vectors(shelf, build_index(vectors))).opinion(met(*[0] * 15, *[1] * 5))
    assert len(opinion.best(np.ones(3, dtype=np.bool_), 3)) == 3
    assert np.isfinite(opinion.of(np.arange(3))).all()


def test_equal_titles_tie_and_are_taken_by_row(encoder: OnnxEncoder) -> None:
    vectors = vectors_of(encoder, ["Dog chew toy"] * 50 + ["Cast iron casserole"])
    allowed = np.ones(51, dtype=np.bool_)
    for retriever, query in (
        (Search(vectors, encoder), wish("dog")),
        (Similarity(vectors), met(50, 49)),
    ):
        opinion = retriever.opinion(query)
        rows = opinion.best(allowed, 7)
        alike = rows[rows < 50]
        assert alike.tolist() == list(range(len(alike)))
        assert len(set(opinion.of(alike).tolist())) == 1


def test_parts_that_do_not_fit_are_refused(encoder: OnnxEncoder) -> None:
    vectors = unit_rows(1, 5, encoder.dimension)
    ones = np.ones(5, dtype=np.int64)
    with pytest.raises(DamagedArtifact, match="do not fit"):
        Vectors(Shelf(ones, vectors), build_index(vectors[:4]))
    with pytest.raises(DamagedArtifact, match="do not fit"):
        Vectors(Shelf(ones, vectors), faiss.IndexFlatIP(8))
    with pytest.raises(DamagedArtifact, match="do not fit"):
        Vectors(Shelf(ones[:4], vectors), build_index(vectors))
    with pytest.raises(DamagedArtifact, match="without similarity"):
        Vectors(Shelf(ones), build_index(vectors))
    narrow = unit_rows(1, 5, 8)
    with pytest.raises(DamagedArtifact, match="vectors of 8 numbers"):
        Search(Vectors(Shelf(ones, narrow), build_index(narrow)), encoder)


def standing_out(search: Search, words: str, rows: IntArray) -> FloatArray:
    opinion = search.opinion(wish(words))
    assert isinstance(opinion, Pronounced)
    return np.maximum(opinion.of(rows) - opinion.crowd(), 0)


class TestStandingOut:
    """Of 400 rows; the first of every three have the same title."""

    ROWS = np.arange(400)

    @pytest.fixture
    def search(self, encoder: OnnxEncoder, few: None) -> Search:
        return Search(many_ties(encoder), encoder)

    def test_is_what_a_row_is_nearer_than_the_crowd(self, search: Search) -> None:
        cosine = search.opinion(wish("a gift")).of(self.ROWS)
        found = standing_out(search, "a gift", self.ROWS)
        assert (found >= 0).all()
        assert np.unique(cosine[found > 0]).size == CROWD - 1
        crowd = np.unique(cosine)[-CROWD]
        np.testing.assert_allclose(found, np.maximum(cosine - crowd, 0), atol=1e-6)

    @pytest.mark.parametrize("doubles", [2, 5, 300])
    def test_variants_are_one(self, encoder: OnnxEncoder, few: None, doubles: int) -> None:
        others = np.repeat(unit_rows(3, 100, encoder.dimension), min(doubles, 5), axis=0)
        meant = others[:1].repeat(doubles, axis=0)
        vectors = np.concatenate([meant, others])
        shelf = Shelf(np.ones(len(vectors), dtype=np.int64), vectors)
        opinion = Meaning(Vectors(shelf, build_index(vectors)), meant[0])
        assert np.unique(opinion.of(np.arange(len(vectors)))).size == 100
        assert opinion.crowd() == pytest.approx(np.unique(others @ meant[0])[-CROWD], abs=1e-5)

    def test_is_the_same_by_an_index_that_is_not_exact(
        self, encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded, "FEW", 0)
        monkeypatch.setattr(index, "EXACT_ROWS", 1_000)
        monkeypatch.setattr(index, "FEW_ROWS", 500)
        vectors = unit_rows(5, 4_000, encoder.dimension)
        shelf = Shelf(np.ones(4_000, dtype=np.int64), vectors)
        made = build_index(vectors)
        assert isinstance(made, faiss.IndexIVF)
        opinion = Meaning(Vectors(shelf, made), vectors[0])
        assert opinion.crowd() == pytest.approx(np.sort(vectors @ vectors[0])[-CROWD], abs=0.02)

    def test_of_one_row_alone_nothing_does(self, encoder: OnnxEncoder) -> None:
        alone = Search(vectors_of(encoder, TITLES[:1]), encoder)
        assert standing_out(alone, "a hat", np.array([0])).tolist() == [0]


def test_what_is_meant_stands_out_further_than_what_vague_words_come_near_to(
    encoder: OnnxEncoder,
) -> None:
    things = ["mug", "lamp", "sock", "drum", "kite", "rope", "vase", "sled", "fork", "coat"]
    colours = ["red", "blue", "green", "grey", "pink", "white", "black", "brown"]
    titles = [f"{colour} {thing}" for colour in colours for thing in things] + ["guitar strings"]
    search = Search(vectors_of(encoder, titles), encoder)
    rows = np.arange(len(titles))
    meant = standing_out(search, "strings for my guitar", rows)
    assert titles[int(meant.argmax())] == "guitar strings"
    assert meant.max() > 2 * standing_out(search, "surprise me", rows).max()
