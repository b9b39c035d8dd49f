from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Controls, Intent, Op, Share
from service.pipeline.blend import (
    POPULARITY,
    UNTUNED,
    UNTUNED_WITHOUT_SASREC,
    blend_for,
    blended,
    counts_on,
    heard,
    is_part,
    looks_out,
    of_age,
    said_by,
    standing_out,
    with_age,
)
from service.tuning import Blend, Situation, Tuning, Wording

ROWS = 7
SPEAKING = frozenset({"sasrec", "similarity"})
SCORES = st.lists(
    st.one_of(st.floats(-50, 50), st.just(float("nan"))), min_size=ROWS, max_size=ROWS
).map(np.array)
SAID = st.dictionaries(st.sampled_from("abc"), SCORES)
WEIGHTS = st.dictionaries(st.sampled_from("abc"), st.floats(-10, 10))


@given(SAID, WEIGHTS, WEIGHTS)
def test_is_a_distribution(
    said: dict[str, np.ndarray], weights: dict[str, float], unknown: dict[str, float]
) -> None:
    scores = blended(said, Blend(weights, unknown), ROWS)
    assert np.isfinite(scores).all()
    assert (scores <= 0).all()
    assert np.exp(scores).sum() == pytest.approx(1.0)


@given(SAID, WEIGHTS, WEIGHTS)
def test_is_the_weighted_sum_or_what_stands_for_silence(
    said: dict[str, np.ndarray], weights: dict[str, float], unknown: dict[str, float]
) -> None:
    expected = [
        sum(
            unknown.get(name, 0.0) if np.isnan(given[at]) else weights.get(name, 0.0) * given[at]
            for name, given in said.items()
        )
        for at in range(ROWS)
    ]
    scores = blended(said, Blend(weights, unknown), ROWS)
    np.testing.assert_allclose(np.diff(scores), np.diff(expected), atol=1e-6)


def test_of_no_rows_is_nothing() -> None:
    assert len(blended({"a": np.zeros(0)}, Blend({"a": 1.0}), 0)) == 0


def test_one_part_alone_is_itself() -> None:
    logs = np.log([0.5, 0.3, 0.2])
    np.testing.assert_allclose(blended({"a": logs}, Blend({"a": 1.0}), 3), logs)


def test_what_was_fitted_counts_before_what_is_usual() -> None:
    usual, fitted = Situation.of(0), Situation.of(5, Intent(text="warm"))
    tuning = Tuning({fitted: Blend({"a": 2.0})})
    assert blend_for(tuning, fitted, frozenset({"sasrec", "mentions"})).weights == {"a": 2.0}
    assert blend_for(tuning, usual, frozenset({"sasrec"})) is UNTUNED
    assert blend_for(tuning, usual, frozenset({"similarity"})) is UNTUNED_WITHOUT_SASREC


def test_a_sentence_that_names_no_category_is_weighed_by_a_blend_of_its_own() -> None:
    named = Situation.of(5, Intent(text="a tent"))
    unnamed = Situation(named.length, Wording.UNNAMED)
    blends = {named: Blend({"mentions": 5.0}), unnamed: Blend({"search": 20.0})}
    tuning = Tuning(blends)
    assert blend_for(tuning, named, frozenset({"search", "mentions"})) is blends[named]
    assert blend_for(tuning, named, frozenset({"search"})) is blends[unnamed]
    typed = Situation.of(5, Intent(query="tent"))
    assert heard(typed, frozenset()) == typed
    assert heard(Situation.of(5), frozenset()) == Situation.of(5)


def test_items_of_a_category_are_weighed_by_a_blend_of_its_own_where_there_is_one() -> None:
    within = Situation.of(5, Intent(controls=Controls(include=("Tents",))))
    everywhere = Situation.of(5)
    assert within.words is Wording.INCLUDED
    blends = {everywhere: Blend({"similarity": 8.0}), within: Blend({"similarity": 6.0})}
    assert blend_for(Tuning(blends), within, SPEAKING) is blends[within]
    assert blend_for(Tuning(blends), everywhere, SPEAKING) is blends[everywhere]
    del blends[within]
    assert blend_for(Tuning(blends), within, SPEAKING) is blends[everywhere]
    assert blend_for(Tuning(), within, SPEAKING) is UNTUNED


@pytest.mark.parametrize(
    ("intent", "wording"),
    [
        (Intent(text="warm", controls=Controls(include=("Tents",))), Wording.TEXT),
        (Intent(query="warm", controls=Controls(include=("Tents",))), Wording.QUERY),
        (Intent(controls=Controls(exclude=("Tents",))), Wording.NONE),
        (Intent(controls=Controls(shares=(Share("Tents", Op.AT_LEAST, 0.5),))), Wording.NONE),
    ],
)
def test_words_say_more_than_a_category_that_is_included(intent: Intent, wording: Wording) -> None:
    assert Wording.of(intent) is wording
    assert wording.said == bool(intent.words)


def test_what_was_fitted_with_sasrec_is_nothing_without_it() -> None:
    situation = Situation.of(5)
    fitted = Blend({"sasrec": 1.0, "similarity": 0.01})
    tuning = Tuning({situation: fitted})
    assert blend_for(tuning, situation, frozenset({"sasrec", "similarity"})) is fitted
    assert blend_for(tuning, situation, frozenset({"similarity"})) is UNTUNED_WITHOUT_SASREC
    not_needed = Blend({"sasrec": 0.0, "similarity": 1.0})
    tuning = Tuning({situation: not_needed})
    assert blend_for(tuning, situation, frozenset({"similarity"})) is not_needed


@given(SAID, WEIGHTS, st.permutations(range(ROWS)))
def test_what_is_equal_otherwise_stands_by_popularity(
    said: dict[str, np.ndarray], weights: dict[str, float], places: list[int]
) -> None:
    same = {name: np.full(ROWS, scores[0]) for name, scores in said.items()}
    popularity = -np.array(places, dtype=float)
    for blend in (Blend(weights), Blend({**weights, POPULARITY: 0.0})):
        scores = blended({**same, POPULARITY: popularity}, blend, ROWS)
        assert np.argsort(-scores).tolist() == np.argsort(places).tolist()


@pytest.mark.parametrize(
    ("history", "length"), [(0, "none"), (1, "1-3"), (3, "1-3"), (4, "4-10"), (11, "11+")]
)
def test_situations_are_told_apart_by_length_and_words(history: int, length: str) -> None:
    assert str(Situation.of(history)) == length
    assert str(Situation.of(history, Intent(text="warm"))) == f"{length}, text"
    assert str(Situation.of(history, Intent(text="warm", query="hat"))) == f"{length}, query"
    assert Situation.of(history, Intent(text=" ", query="")) == Situation.of(history)


NAN = float("nan")


def test_age_sets_apart_what_is_said_of_items_met_less_than_five_times() -> None:
    said = {POPULARITY: np.array([-2.0, 0.0, 1.0]), "a": np.array([3.0, NAN, 5.0])}
    aged = with_age(said, np.array([4, 0, 5]))
    assert {name for name in aged if of_age(name)} == {"young", "a of young"}
    assert aged["young"].tolist() == [1.0, 1.0, 0.0]
    assert aged["a of young"].tolist() == [3.0, 0.0, 0.0]
    assert {name: aged[name] for name in said} == said


@given(SAID, WEIGHTS, WEIGHTS, st.lists(st.integers(0, 9), min_size=ROWS, max_size=ROWS))
def test_age_changes_nothing_for_a_blend_that_does_not_weigh_it(
    said: dict[str, np.ndarray],
    weights: dict[str, float],
    unknown: dict[str, float],
    meetings: list[int],
) -> None:
    blend = Blend(weights, unknown)
    aged = blended(with_age(said, np.array(meetings)), blend, ROWS)
    np.testing.assert_array_equal(aged, blended(said, blend, ROWS))


@pytest.mark.parametrize(
    ("blend", "counts"),
    [
        (Blend({"a": 1.0}), True),
        (Blend({"a": 0.0, "a of young": 2.0}), True),
        (Blend({"a": 0.0}, {"a": -1.5}), True),
        (Blend({"a": 0.0, "b": 1.0}, {"a": -5e-12}), False),
        (Blend({"b": 1.0}), False),
        (Blend({"a": 0.0, "a standing out": 3.0}), True),
        (Blend({"a": 0.0, "a standing out of young": 3.0}), True),
        (Blend({"b": 1.0, "b standing out": 3.0}), False),
    ],
)
def test_a_part_counts_by_what_it_says_of_any_row_or_leaves_unsaid(
    blend: Blend, *, counts: bool
) -> None:
    assert counts_on(blend, "a") is counts


def test_a_blend_can_weigh_its_parts_what_stands_out_and_each_of_young_rows() -> None:
    told = [name for part in UNTUNED.weights for name in (part, standing_out(part))]
    assert all(map(is_part, with_age(dict.fromkeys(told, np.zeros(1)), np.zeros(1))))
    strangers = ["gossip", "gossip of young", "of young", "too young", "", "gossip standing out"]
    assert not any(map(is_part, strangers))


def test_what_lies_above_the_crowd_stands_out() -> None:
    scores = np.array([0.1, 0.5, NAN])
    apart = said_by("search", scores, 0.3)["search standing out"]
    np.testing.assert_allclose(apart, [0, 0.2, NAN])
    assert said_by("sasrec", scores, None) == {"sasrec": scores}


@pytest.mark.parametrize(
    ("weights", "looks"),
    [
        ({"a standing out": 1.0}, True),
        ({"a standing out": 0.0, "a standing out of young": -1.0}, True),
        ({"a": 1.0, "a of young": 1.0, "b standing out": 1.0, "a standing out": 1e-12}, False),
    ],
)
def test_who_weighs_what_stands_out_looks_for_it(weights: dict[str, float], *, looks: bool) -> None:
    assert looks_out(Blend(weights), "a") is looks
