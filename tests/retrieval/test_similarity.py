from __future__ import annotations

from dataclasses import replace

import faiss
import numpy as np
import pytest
from retriever_conformance import RetrieverConformance
from shelf import Shelf, unit_rows

from service.errors import DamagedArtifact
from service.ports import RetrievalQuery
from service.retrieval.encoder import OnnxEncoder
from service.retrieval.index import build_index
from service.retrieval.similarity import Similarity

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
HAT, GLOVES, JACKET, BLANKET, HEADPHONES, SPEAKER, DOG, CAT, PAN = 0, 1, 2, 3, 4, 5, 8, 9, 10
NO_HISTORY = np.array([], dtype=np.int64)
ALL = np.ones(len(TITLES), dtype=np.bool_)


def retriever_of(encoder: OnnxEncoder, titles: list[str]) -> Similarity:
    vectors = encoder.encode(titles)
    shelf = Shelf(np.ones(len(titles), dtype=np.int64), vectors)
    return Similarity(shelf, build_index(vectors), encoder)


@pytest.fixture(scope="module")
def shop(encoder: OnnxEncoder) -> Similarity:
    return retriever_of(encoder, TITLES)


def best(retriever: Similarity, query: RetrievalQuery, but: tuple[int, ...] = ()) -> int:
    allowed = ALL.copy()
    allowed[list(but)] = False
    scored = retriever.score(query, allowed, len(TITLES))
    return int(scored.rows[scored.scores.argmax()])


class TestConformance(RetrieverConformance):
    size = 400

    @pytest.fixture
    def retriever(self, encoder: OnnxEncoder) -> Similarity:
        vectors = unit_rows(11, self.size, encoder.dimension)
        vectors[::3] = vectors[0]  # many ties
        shelf = Shelf(np.ones(self.size, dtype=np.int64), vectors)
        return Similarity(shelf, build_index(vectors), encoder)


@pytest.mark.parametrize(
    ("words", "row"),
    [("listen to music on the train", HEADPHONES), ("puppy", DOG), ("fry an egg", PAN)],
)
def test_words_find_what_they_mean(shop: Similarity, words: str, row: int) -> None:
    assert best(shop, RetrievalQuery(NO_HISTORY, words)) == row


def test_history_finds_what_resembles_it(shop: Similarity) -> None:
    assert best(shop, RetrievalQuery(np.array([DOG]), ""), but=(DOG,)) == CAT


def test_later_history_counts_more(shop: Similarity) -> None:
    cold_last = RetrievalQuery(np.array([HEADPHONES] + [GLOVES] * 6), "")
    music_last = RetrievalQuery(np.array([GLOVES] + [HEADPHONES] * 6), "")
    seen = (HEADPHONES, GLOVES)
    assert best(shop, cold_last, but=seen) in {HAT, JACKET, BLANKET}
    assert best(shop, music_last, but=seen) == SPEAKER


def test_a_divided_taste_finds_both_halves(shop: Similarity) -> None:
    allowed = ALL.copy()
    allowed[[HEADPHONES, DOG]] = False
    scored = shop.score(RetrievalQuery(np.array([HEADPHONES, DOG]), ""), allowed, 3)
    assert {SPEAKER, CAT} <= set(scored.rows.tolist())


def test_words_weigh_more_than_history(shop: Similarity) -> None:
    history = np.array([DOG, CAT] * 10)
    assert best(shop, RetrievalQuery(history, "headphones")) == HEADPHONES


def test_history_decides_where_words_leave_it_open(shop: Similarity) -> None:
    music = shop.score(RetrievalQuery(np.array([HEADPHONES]), "a gift"), ALL, len(TITLES))
    pets = shop.score(RetrievalQuery(np.array([DOG]), "a gift"), ALL, len(TITLES))
    assert music.scores[SPEAKER] > music.scores[CAT]
    assert pets.scores[CAT] > pets.scores[SPEAKER]


def test_only_the_recent_history_counts(shop: Similarity) -> None:
    recent = np.array([PAN, CAT] * 10)
    long_ago = np.array([HEADPHONES] * 10_000)
    answers = [
        shop.score(RetrievalQuery(history, ""), ALL, 5)
        for history in (recent, np.concatenate([long_ago, recent]))
    ]
    np.testing.assert_array_equal(answers[0].scores, answers[1].scores)


@pytest.mark.parametrize(
    "query",
    [
        RetrievalQuery(NO_HISTORY, ""),
        RetrievalQuery(NO_HISTORY, " \t\n"),
        RetrievalQuery(np.array([-1, len(TITLES)]), ""),
    ],
)
def test_without_words_or_known_history_it_knows_nothing(
    shop: Similarity, query: RetrievalQuery
) -> None:
    assert not shop.knows(query)
    assert len(shop.score(query, ALL, 5).rows) == 0


def test_unknown_rows_of_the_history_are_passed_over(shop: Similarity) -> None:
    with_unknown = RetrievalQuery(np.array([-1, DOG, -1]), "")
    plain = RetrievalQuery(np.array([DOG]), "")
    assert shop.knows(with_unknown)
    np.testing.assert_array_equal(
        shop.score(with_unknown, ALL, 5).scores, shop.score(plain, ALL, 5).scores
    )


@pytest.mark.parametrize("words", ["\ud83d", "\x00\x00", "🎧" * 500, "a" * 20_000, "?!"])
def test_strange_words_are_answered(shop: Similarity, words: str) -> None:
    assert len(shop.score(RetrievalQuery(NO_HISTORY, words), ALL, 5).rows) == 5


def test_opposite_histories_have_no_mean_and_are_answered(encoder: OnnxEncoder) -> None:
    vectors = unit_rows(2, 3, encoder.dimension)
    vectors[1] = -vectors[0]
    shelf = Shelf(np.ones(3, dtype=np.int64), vectors)
    retriever = Similarity(shelf, build_index(vectors), encoder)
    history = np.array([0] * 20)
    history[-5:] = 1  # whatever the weights are, both directions are there
    scored = retriever.score(RetrievalQuery(history, ""), np.ones(3, dtype=np.bool_), 3)
    assert np.isfinite(scored.scores).all()


def test_equal_titles_tie_and_are_taken_by_row(encoder: OnnxEncoder) -> None:
    retriever = retriever_of(encoder, ["Dog chew toy"] * 50 + ["Cast iron casserole"])
    scored = retriever.score(RetrievalQuery(NO_HISTORY, "dog"), np.ones(51, dtype=np.bool_), 7)
    assert scored.rows.tolist() == list(range(7))
    assert len(set(scored.scores.tolist())) == 1


def test_a_lower_temperature_is_surer(shop: Similarity) -> None:
    query = RetrievalQuery(NO_HISTORY, "puppy")
    sure = replace(shop, temperature=0.02).score(query, ALL, 5)
    vague = replace(shop, temperature=0.5).score(query, ALL, 5)
    assert sure.scores.max() > vague.scores.max()


def test_parts_that_do_not_fit_are_refused(encoder: OnnxEncoder) -> None:
    vectors = unit_rows(1, 5, encoder.dimension)
    ones = np.ones(5, dtype=np.int64)
    with pytest.raises(DamagedArtifact, match="do not fit"):
        Similarity(Shelf(ones, vectors), build_index(vectors[:4]), encoder)
    with pytest.raises(DamagedArtifact, match="do not fit"):
        Similarity(Shelf(ones, vectors), faiss.IndexFlatIP(8), encoder)
    with pytest.raises(DamagedArtifact, match="without similarity"):
        Similarity(Shelf(ones), build_index(vectors), encoder)
