"""How much words count beside what a user met: as tuned, or as a request or the service says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_auto_choice import figure
from toyshop import (
    LoudRetriever,
    SpellingEngine,
    ToyCatalogue,
    ToyRetriever,
    ToyStore,
    ids,
    recommended,
    recommender,
    toy_items,
)

from service.api.lists import RecommendAnswer
from service.domain import Cot, Intent, Origin, Recommendation, RecommendRequest, Strategy, Variant
from service.pipeline.auto import WISHED_OTHERWISE
from service.pipeline.blend import SEARCH, UNTUNED, as_wished, of_part
from service.pipeline.parts import Policy, Recommender
from service.pipeline.recommend import recommend
from service.pipeline.variants import on_terms
from service.pipeline.verify import verify
from service.store.cache import MemoryCache
from service.tuning import Blend, Situation, Tuning, Wording

NEAR, LOUD = 2, 30
"""The row that the history is near to, and the one that the words mean."""
MET = ToyCatalogue(toy_items()).item(NEAR).id
BALANCED = Blend({"similarity": 1.0, SEARCH: 0.5, f"{SEARCH} standing out": 0.1})
WISH = Intent(text="a lamp")


def shop(blend: Blend = BALANCED, **policy: Any) -> Recommender:
    """Where history and words pull to different ends of the catalogue."""
    parts = recommender(
        retrievers=(ToyRetriever(), LoudRetriever(LOUD)),  # type: ignore[arg-type]
        store=ToyStore({"ann": (MET,)}),
        policy=Policy(**policy),
    )
    tuned = Tuning({Situation("1-3", Wording.UNNAMED): blend, Situation("1-3"): blend})
    return replace(parts, tuning=lambda: tuned)


def asked(parts: Recommender, **fields: Any) -> Recommendation:
    return recommended(parts, **{"user_id": "ann", "intent": WISH} | fields)


def wanted_by_words(parts: Recommender, **fields: Any) -> float:
    """How much nearer the list is to what was said than to what was met."""
    rows = parts.catalogue.rows(ids(asked(parts, **fields)))
    return float(sum(abs(rows - NEAR)) - sum(abs(rows - LOUD)))


def test_words_count_as_much_as_the_request_says() -> None:
    parts = shop()
    heard = [wanted_by_words(parts, wish_weight=weight) for weight in (0.0, 1.0, 10.0)]
    assert heard[0] <= heard[1] < heard[2]
    assert heard[0] < 0 < heard[2]
    assert asked(parts).receipt.wish_weight == 1.0
    assert asked(parts, wish_weight=2.5).receipt.wish_weight == 2.5


def test_without_words_it_changes_nothing() -> None:
    parts = shop()
    bare = {"intent": Intent()}
    assert ids(asked(parts, **bare)) == ids(asked(parts, **bare, wish_weight=50.0))


def test_who_does_not_count_is_not_asked() -> None:
    parts = shop()
    assert "search" in asked(parts).receipt.retrievers
    assert "search" not in asked(parts, wish_weight=0.0).receipt.retrievers


def test_the_service_says_it_where_the_request_does_not() -> None:
    parts = shop(wish_weight=10.0)
    assert ids(asked(parts)) == ids(asked(shop(), wish_weight=10.0))
    assert asked(parts).receipt.wish_weight == 10.0
    assert asked(parts, wish_weight=1.0).receipt.wish_weight == 1.0


def test_what_is_left_open_is_filled_once_for_cache_and_list_alike() -> None:
    parts = replace(shop(wish_weight=3.0, cot=Cot.SELF), variant=Variant("v"))
    settled = on_terms(parts, RecommendRequest(5))
    assert (settled.wish_weight, settled.cot) == (3.0, Cot.SELF)
    named = RecommendRequest(5, wish_weight=0.5, cot=Cot.OFF)
    assert on_terms(parts, named) == named


def test_another_weight_is_another_list() -> None:
    parts = replace(shop(), engine=SpellingEngine(), cache=MemoryCache())

    def made(**fields: Any) -> Origin:
        return asked(parts, strategy=Strategy.GENERATE, **fields).origin

    assert [made(), made(wish_weight=1.0), made(wish_weight=2.0)] == [
        Origin.MADE,
        Origin.KEPT,
        Origin.MADE,
    ]


WEIGHTS = {
    "sasrec": 0.6,
    "sasrec of young": -0.3,
    "search": 8.0,
    "search of young": -3.0,
    "search standing out": 11.0,
    "search standing out of young": 0.07,
    "mentions": 5.0,
    "popularity": 0.2,
    "young": -1.0,
}


def test_only_those_who_hear_words_are_louder() -> None:
    louder = as_wished(Blend(WEIGHTS, {"sasrec": -2.0, "mentions": 0.5}), 2.0)
    doubled = {name for name, weight in louder.weights.items() if weight == 2 * WEIGHTS[name]}
    assert doubled == {name for name in WEIGHTS if of_part(name) in {"search", "mentions"}}
    assert all(louder.weights[name] == WEIGHTS[name] for name in WEIGHTS.keys() - doubled)
    assert louder.unknown == {"sasrec": -2.0, "mentions": 1.0}


def test_what_a_fit_leaves_of_zero_is_no_louder() -> None:
    assert as_wished(Blend({"search": 1e-8}), 100.0).weights == {"search": 1e-8}


@given(st.floats(0, 100))
def test_as_tuned_is_once(weight: float) -> None:
    assert as_wished(UNTUNED, 1.0) is UNTUNED
    assert as_wished(UNTUNED, weight).weights["search"] == UNTUNED.weights["search"] * weight


@pytest.mark.parametrize(
    ("intent", "weight", "said"), [(WISH, 2.0, True), (WISH, 1.0, False), (Intent(), 2.0, False)]
)
def test_figures_of_words_that_counted_otherwise_are_called_so(
    intent: Intent, weight: float, *, said: bool
) -> None:
    figures = tuple(
        figure(Strategy.GENERATE, 0.2, words=words, history=False) for words in (False, True)
    )
    parts = recommender(engine=SpellingEngine())
    parts = replace(parts, tuning=lambda: Tuning(measured=figures))
    request = RecommendRequest(5, intent=intent, wish_weight=weight)
    why = asyncio.run(recommend(parts, request, "r")).receipt.why
    assert (WISHED_OTHERWISE in why) is said


def test_a_receipt_that_tells_of_it_verifies_and_one_of_before_too() -> None:
    parts = shop()
    body = RecommendAnswer.of(asked(parts, wish_weight=2.0)).model_dump(mode="json")
    assert verify(body, parts.catalogue, [MET]) == []
    del body["receipt"]["wish_weight"]
    assert verify(body, parts.catalogue, [MET]) == []
    body["receipt"]["wish_weight"] = -1
    assert len(verify(body, parts.catalogue, [MET])) == 1
