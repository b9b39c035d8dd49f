"""Why an item stands in a list: the controls it counts for, and who likes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from toyshop import ToyOpinion, ToyStore, recommended, recommender

from service.domain import Controls, Intent
from service.pipeline.explain import LIKED
from service.pipeline.parts import Recommender
from service.ports import RetrievalQuery
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.tuning import Blend, Situation, Tuning, Wording

NEXT, WORDS, NAMED = "often met next after such a history", "close to your words", "of a category"


class Likes:
    """Says something of a few rows."""

    def __init__(self, name: str, rows: tuple[int, ...], *, of_words: bool) -> None:
        self.name, self._rows, self._of_words = name, rows, of_words

    def knows(self, query: RetrievalQuery) -> bool:
        return bool(query.words) if self._of_words else len(query.history) > 0

    def opinion(self, query: RetrievalQuery) -> Liking:
        return Liking(0, self._rows)


class Liking(ToyOpinion):
    def __init__(self, last: int, rows: tuple[int, ...]) -> None:
        super().__init__(last)
        object.__setattr__(self, "rows", rows)

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        rows = np.array(self.rows)  # type: ignore[attr-defined]
        return np.asarray(rows[allowed[rows]][:limit])

    def of(self, rows: IntArray) -> FloatArray:
        liked = list(self.rows)  # type: ignore[attr-defined]
        return np.array([5.0 - liked.index(r) / 100 if r in liked else 0.0 for r in rows.tolist()])


def shop(*retrievers: Likes, **weights: float) -> Recommender:
    parts = recommender(retrievers=retrievers, store=ToyStore({"ann": ("i1",)}))  # type: ignore[arg-type]
    lengths, wordings = ("none", "1-3"), tuple(Wording)
    blends = {Situation(one, words): Blend(weights) for one in lengths for words in wordings}
    return replace(parts, tuning=lambda: Tuning(blends))


def reasons(parts: Recommender, **fields: Any) -> dict[int, str]:
    made = recommended(parts, **{"user_id": "ann", "explain": True, "k": 4} | fields)
    rows = parts.catalogue.rows([line.item.id for line in made.items]).tolist()
    return dict(zip(rows, (line.reason or "" for line in made.items), strict=True))


def test_who_likes_an_item_is_told() -> None:
    parts = shop(
        Likes("sasrec", (3, 5), of_words=False),
        Likes("search", (7, 9), of_words=True),
        sasrec=1.0,
        search=1.0,
    )
    told = reasons(parts, intent=Intent("something"), k=4)
    assert set(told) == {3, 5, 7, 9}
    assert all(WORDS in told[row] for row in (7, 9))
    assert all(NEXT in told[row] for row in (3, 5))


def test_a_category_in_the_words_says_more_than_nearness_to_them() -> None:
    parts = shop(
        Likes("mentions", (12,), of_words=True),
        Likes("search", (12, 16, 18, 20), of_words=True),
        mentions=1.0,
        search=1.0,
    )
    told = reasons(parts, intent=Intent("a mug"))
    assert told[12].startswith(NAMED)
    assert WORDS not in told[12]
    assert all(told[row].startswith(WORDS) for row in (16, 18, 20))


def test_without_words_nobody_is_close_to_them() -> None:
    told = reasons(shop(Likes("sasrec", (3, 5), of_words=False), sasrec=1.0), intent=Intent())
    assert not any(WORDS in reason for reason in told.values())


def test_popular_is_what_is_met_more_than_most() -> None:
    plain = recommender()
    assert set(reasons(plain, user_id=None).values()) == {"nothing rules it out"}
    catalogue = plain.catalogue
    counts = np.where(np.arange(catalogue.size) == 3, 100.0, 1.0)
    object.__setattr__(catalogue, "popularity", np.log(counts / counts.sum()))
    object.__setattr__(catalogue, "popular_rows", np.argsort(-counts, kind="stable"))
    told = reasons(plain, user_id=None)
    assert told.pop(3) == "popular"
    assert set(told.values()) == {"nothing rules it out"}


def test_words_that_nothing_is_near_to_are_no_reason() -> None:
    class Far(Liking):
        def of(self, rows: IntArray) -> FloatArray:
            return super().of(rows) / 20  # a cosine of a quarter at most

    far = Likes("search", (7, 9, 11), of_words=True)
    far.opinion = lambda query: Far(0, (7, 9, 11))  # type: ignore[method-assign]
    told = reasons(shop(far, search=1.0), intent=Intent("xqzzt blorp"))
    assert {7, 9, 11} <= set(told)
    assert not any(WORDS in reason for reason in told.values())


def test_only_the_best_of_a_retriever_are_told_to_be_liked() -> None:
    """The last lines of a list that popularity made are liked by nobody, and stand all the same."""
    rows = tuple(range(10, 10 + LIKED + 2))
    parts = shop(Likes("search", rows, of_words=True), search=-1.0, popularity=1.0)
    (reason,) = reasons(parts, intent=Intent("x"), k=1).values()
    assert WORDS not in reason


def test_controls_come_first() -> None:
    parts = shop(Likes("search", (7, 9, 11), of_words=True), search=1.0)
    controls = Controls(exclude=("Rare",))
    told = reasons(parts, intent=Intent("x", controls=controls))
    assert all(r.startswith("in none of the excluded categories") for r in told.values())
    assert any(r.endswith(WORDS) for r in told.values())
