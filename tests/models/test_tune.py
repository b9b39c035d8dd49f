from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.split import Case
from models.sasrec.evaluate import ndcg
from models.tune import voices
from models.tune.asked import asked_of
from models.tune.blends import best_blend, blends_of
from models.tune.fit import Matrix, _loss_of, fitted, matrix_of, ranks, scores_of
from models.tune.unseen import Unseen, unseen
from models.tune.voices import Ground, Voices, parts_of, voices_of
from service.domain import Controls, Intent
from service.pipeline.blend import UNTUNED_WITHOUT_SASREC, of_age, with_age
from service.ports import RetrievalQuery
from service.steering.arrays import BoolArray, FloatArray, IntArray
from service.tuning import Blend, Situation, Wording

ROWS = 40
USERS = count()


def likelihood(matrix: Matrix, blend: Blend) -> float:
    """Mean log-probability of the targets."""
    return -_loss_of(scores_of(matrix, blend), matrix)[0]


def heard(said: Mapping[str, np.ndarray], place: int) -> Voices:
    """Of every row there is, and each of a user who says nothing else."""
    rows = len(next(iter(said.values())))
    return Voices(next(USERS), np.arange(rows), said, place, np.ones(rows))


def drawn(weights: dict[str, float], count: int, seed: int, silent: float = 0.0) -> list[Voices]:
    """Requests whose targets are drawn from just the blend that a fit should find."""
    dice = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        said = {name: dice.normal(size=ROWS) for name in weights}
        total = sum(weight * said[name] for name, weight in weights.items())
        if silent:
            # Some rows the first part knows nothing of; they are as likely as its average row.
            hidden = dice.random(ROWS) < silent
            name = next(iter(weights))
            total = total - np.where(hidden, weights[name] * said[name], 0.0)
            said[name] = np.where(hidden, np.nan, said[name])
        chances = np.exp(total - total.max())
        place = int(dice.choice(ROWS, p=chances / chances.sum()))
        made.append(heard(said, place))
    return made


@pytest.mark.parametrize("weights", [{"sasrec": 1.5, "similarity": 0.5}, {"a": 3.0, "b": 0.4}])
def test_a_fit_finds_the_weights_that_the_data_were_drawn_with(weights: dict[str, float]) -> None:
    blend = fitted(matrix_of(drawn(weights, 3_000, 1), list(weights)))
    assert dict(blend.weights) == pytest.approx(weights, abs=0.12)
    assert not blend.unknown


def test_a_fit_finds_what_silence_is_worth() -> None:
    blend = fitted(matrix_of(drawn({"a": 2.0, "b": 1.0}, 3_000, 2, silent=0.3), ["a", "b"]))
    assert dict(blend.weights) == pytest.approx({"a": 2.0, "b": 1.0}, abs=0.15)
    assert blend.unknown["a"] == pytest.approx(0.0, abs=0.2)


def test_a_part_in_other_units_gets_another_weight_and_makes_the_same_lists() -> None:
    every = drawn({"a": 1.0, "b": 2.0}, 500, 3)
    louder = [heard(v.said | {"b": 1_000 * v.said["b"]}, v.place) for v in every]
    blend, loud = (fitted(matrix_of(some, ["a", "b"])) for some in (every, louder))
    assert loud.weights["b"] * 1_000 == pytest.approx(blend.weights["b"], rel=0.02)
    assert loud.weights["a"] == pytest.approx(blend.weights["a"], rel=0.02)


def test_nothing_makes_the_data_likelier_than_the_fit() -> None:
    matrix = matrix_of(drawn({"a": 1.0, "b": 2.0}, 300, 4), ["a", "b"])
    best = fitted(matrix, pull=0.0)
    for a in (-0.2, 0.0, 0.2):
        for b in (-0.2, 0.0, 0.2):
            moved = Blend({"a": best.weights["a"] + a, "b": best.weights["b"] + b})
            assert likelihood(matrix, moved) <= likelihood(matrix, best) + 1e-6


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=6), st.integers(0, 5))
@settings(max_examples=50)
def test_ranks_count_what_stands_before(scores: list[float], place: int) -> None:
    place %= len(scores)
    every = [heard({"a": np.array(scores)}, place)]
    (rank,) = ranks(matrix_of(every, ["a"]), Blend({"a": 1.0}))
    before = sum(score > scores[place] for score in scores)
    equal = scores.count(scores[place]) - 1
    assert before <= rank <= before + equal


def test_ndcg_by_hand() -> None:
    assert ndcg(np.array([0, 1, 9, 10]), 10) == pytest.approx(
        (1 + 1 / np.log2(3) + 1 / np.log2(11)) / 4
    )


def test_nobody_is_believed_the_reverse_however_often_it_was_so() -> None:
    blend = fitted(matrix_of(drawn({"sasrec": 1.0, "search": -2.0}, 500, 9), ["sasrec", "search"]))
    assert blend.weights["search"] == 0
    assert blend.weights["sasrec"] > 0
    for every in (aged(-3.0, 300, 12), aged(0.0, 300, 12)):
        weights = fitted(matrix_of(every, parts_of(every))).weights
        assert weights["near"] >= 0
        assert weights["near"] + weights["near of young"] >= -1e-9


@pytest.mark.parametrize("rounding", [0.0, 1e-13, 1e-8, 6e-8])
@pytest.mark.parametrize("alike", [1, -1, 0])
def test_what_is_said_of_everything_alike_weighs_nothing(rounding: float, alike: int) -> None:
    dice = np.random.default_rng(13)
    every = [
        heard(v.said | {"mentions": alike * (1 + rounding * dice.normal(size=ROWS))}, v.place)
        for v in drawn({"sasrec": 1.0}, 200, 13)
    ]
    blend = fitted(matrix_of(every, ["sasrec", "mentions"]))
    assert blend.weights["mentions"] == 0
    assert blend.weights["sasrec"] > 0.5


def test_many_requests_of_one_user_are_one_user() -> None:
    gained = np.repeat([1.0, -0.01], 50)
    before = Unseen(np.arange(100), np.zeros(100, dtype=int), np.full(100, 5.0))
    after = replace(before, surprises=before.surprises - gained)
    assert after.likelier(before)
    one_glad_user = np.where(gained > 0, 0, np.arange(100))
    assert not replace(after, users=one_glad_user).likelier(before)
    assert not replace(after, users=one_glad_user).likelier(after)


def test_a_user_is_judged_by_what_others_fit() -> None:
    # Who asks twice asks for the same: a fit on one of both requests would know the other.
    said = [{"noise": np.random.default_rng(seed).normal(size=ROWS)} for seed in range(40)]
    twice = [
        replace(heard(one, int(np.argmax(one["noise"])) if user % 2 else 0), user=user)
        for user, one in enumerate(said)
        for _ in range(2)
    ]
    judged = unseen(twice, ["noise"])
    assert judged.users.tolist() == [user for user in range(40) for _ in range(2)]
    assert judged.surprises[::2].tolist() == judged.surprises[1::2].tolist()


def test_a_wish_is_never_passed_over_for_sasrec() -> None:
    dice = np.random.default_rng(10)
    noise = ("similarity", "search", "search standing out", "mentions")
    every = [
        heard(v.said | {name: dice.normal(size=ROWS) for name in noise}, v.place)
        for v in drawn({"sasrec": 3.0}, 100, 10)
    ]
    assert best_blend(every).weights.keys() == {"popularity", "sasrec", *noise[1:]}


@pytest.mark.parametrize(("decisive", "usual"), [("search", True), ("luck", False)])
def test_without_sasrec_round_weights_stand_where_they_rank_better(
    decisive: str, *, usual: bool
) -> None:
    # Much noise and few requests make any fit worse than weights that follow the search alone.
    dice = np.random.default_rng(14)
    noise = [*"abcdefghij", "search"]
    every = [
        heard({name: dice.normal(size=ROWS) for name in noise} | one.said, one.place)
        for one in drawn({decisive: 2.0}, 40, 14)
    ]
    assert (best_blend(every) is UNTUNED_WITHOUT_SASREC) == usual


def test_noise_beside_a_good_ranker_does_not_make_the_blend_worse() -> None:
    dice = np.random.default_rng(5)
    every = drawn({"sasrec": 3.0}, 400, 5)
    noisy = [heard(v.said | {"noise": dice.normal(size=ROWS)}, v.place) for v in every]
    fresh = [
        heard(v.said | {"noise": dice.normal(size=ROWS)}, v.place)
        for v in drawn({"sasrec": 3.0}, 2_000, 6)
    ]
    assert parts_of(noisy) == ("popularity", "noise", "sasrec")
    blend = best_blend(noisy)
    alone = Blend({"sasrec": 1.0})
    matrix = matrix_of(fresh, ["sasrec", "noise"])
    assert ndcg(ranks(matrix, blend), 10) >= 0.99 * ndcg(ranks(matrix, alone), 10)


def aged(weight: float, cases: int, seed: int) -> list[Voices]:
    """Requests whose first rows are young: there `near` counts `weight` more than elsewhere."""
    dice = np.random.default_rng(seed)
    meetings = np.where(np.arange(ROWS) < ROWS // 3, 1, 50)
    made = []
    for _ in range(cases):
        said = with_age(
            {"sasrec": dice.normal(size=ROWS), "near": dice.normal(size=ROWS)}, meetings
        )
        logits = said["sasrec"] + weight * said["near of young"]
        odds = np.exp(logits - np.logaddexp.reduce(logits))
        made.append(heard(said, int(dice.choice(ROWS, p=odds))))
    return made


def test_a_fit_finds_what_a_part_knows_better_of_young_items() -> None:
    blend = best_blend(aged(3.0, 1_500, 11))
    assert blend.weights["sasrec"] == pytest.approx(1.0, abs=0.15)
    assert blend.weights["near"] == pytest.approx(0.0, abs=0.15)
    assert blend.weights["near of young"] == pytest.approx(3.0, abs=0.3)


def test_age_is_left_out_where_it_makes_nothing_likelier() -> None:
    for seed in range(4):
        assert not {*filter(of_age, best_blend(aged(0.0, 200, seed)).weights)}


class Near:
    """Likes rows near the last one of the history."""

    name = "near"

    def knows(self, query: RetrievalQuery) -> bool:
        return len(query.history) > 0

    def opinion(self, query: RetrievalQuery) -> NearOpinion:
        return NearOpinion(int(query.history[-1]))


class NearOpinion:
    def __init__(self, last: int) -> None:
        self.last = last

    def best(self, allowed: BoolArray, limit: int) -> IntArray:
        rows = np.flatnonzero(allowed)
        return rows[np.argsort(np.abs(rows - self.last), kind="stable")][:limit]

    def of(self, rows: IntArray) -> FloatArray:
        return -np.abs(rows - self.last).astype(float)


def ground(limit: int = 5) -> Ground:
    order = np.arange(ROWS)
    return Ground(
        size=ROWS,
        retrievers=(Near(),),
        popularity=np.log((ROWS - order) / ROWS),
        meetings=ROWS - order,
        popular_rows=order,
        limit=limit,
        postings=lambda _: order[::3],
    )


def no_wish(_row: int, _dice: np.random.Generator) -> list[Intent]:
    return []


def cases(count: int) -> list[Case]:
    dice = np.random.default_rng(8)
    made = []
    for user in range(count):
        history = dice.permutation(ROWS)[:12]
        left = np.setdiff1d(np.arange(ROWS), history)
        nearest = left[np.argsort(np.abs(left - history[-1]), kind="stable")]
        made.append(Case(user, history, int(nearest[dice.integers(0, 2)])))
    return made


def test_every_case_is_asked_about_at_every_length_that_it_has() -> None:
    short = Case(0, np.array([4, 2]), 7)
    asked = list(
        asked_of([short], lambda _row, _dice: [Intent(text="warm"), Intent(query="hat")], 1)
    )
    assert [str(one.situation) for one in asked] == [
        "none",
        "none, text",
        "none, query",
        "1-3",
        "1-3, text",
        "1-3, query",
    ]
    for one in asked:
        met = one.case.history
        assert met.tolist() == [4, 2][2 - len(met) :]
        assert one.case.target == 7
        assert (one.situation.words is Wording.NONE) == (not one.words)


def test_what_nothing_can_be_said_of_is_asked_about_without_words() -> None:
    asked = list(asked_of(cases(3), no_wish, 1))
    assert len(asked) == 12
    assert {one.situation.words for one in asked} == {Wording.NONE}


def test_voices_are_heard_of_what_is_named_and_of_a_sample_of_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (asked, *_) = [one for one in asked_of(cases(1), no_wish, 1) if len(one.case.history) > 3]
    met, target = set(asked.met.tolist()), asked.case.target
    every = voices_of(ground(), asked)
    assert every.rows.tolist() == sorted(set(range(ROWS)) - met)
    assert set(every.standing_for.tolist()) == {1.0}
    monkeypatch.setattr(voices, "SAMPLED", 4)
    some = voices_of(ground(), asked)
    assert some.rows[some.place] == target
    assert set(some.said) == {"near", "near of young", "young", "popularity"}
    assert len(some.rows) < len(every.rows)
    assert some.standing_for.sum() == pytest.approx(len(every.rows))


def test_only_rows_that_the_request_allows_are_heard_of() -> None:
    only = Intent(controls=Controls(include=("Thirds",)))
    case = Case(0, np.array([3, 4]), 6)
    asked = [one for one in asked_of([case], lambda _row, _dice: [only], 1) if one.intent == only]
    for one in asked:
        voices = voices_of(ground(), one)
        assert set(voices.rows.tolist()) == set(range(0, ROWS, 3)) - {3, 4}
        assert voices.rows[voices.place] == 6


def test_a_sample_fits_as_all_rows_would(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [one for one in asked_of(popular_cases(600), no_wish, 1) if not len(one.case.history)]
    whole = fitted(matrix_of([voices_of(ground(2), one) for one in asked], ["popularity"]))
    monkeypatch.setattr(voices, "SAMPLED", 6)
    sampled = fitted(matrix_of([voices_of(ground(2), one) for one in asked], ["popularity"]))
    assert whole.weights["popularity"] == pytest.approx(1.0, abs=0.15)
    assert sampled.weights["popularity"] == pytest.approx(1.0, abs=0.25)


def popular_cases(count: int) -> list[Case]:
    """Targets as often as they are popular."""
    dice = np.random.default_rng(9)
    chances = np.exp(ground().popularity)
    drawn = dice.choice(ROWS, count, p=chances / chances.sum())
    return [Case(0, np.zeros(0, dtype=np.int64), int(row)) for row in drawn]


def test_each_situation_has_a_blend_of_what_speaks_in_it() -> None:
    asked = asked_of(cases(60), no_wish, 1)
    heard: list[tuple[str, int, int]] = []
    blends = blends_of(asked, ground(), 50, 1, lambda *told: heard.append(told))
    assert {str(situation) for situation in blends} == {"none", "1-3", "4-10", "11+"}
    assert blends[Situation("11+")].weights["near"] > 0.3
    assert set(blends[Situation("none")].weights) == {"popularity"}
    assert heard[-1] == ("blends", 200, 200)


def test_a_category_that_is_included_has_a_blend_and_a_say_in_that_of_all_items() -> None:
    def within(_row: int, _dice: np.random.Generator) -> list[Intent]:
        return [Intent(controls=Controls(include=("even",)))]

    told: list[tuple[str, int, int]] = []
    asked = list(asked_of(cases(60), within, 1))
    blends = blends_of(asked, ground(), 1_000, 1, lambda *one: told.append(one))
    lengths = {"none", "1-3", "4-10", "11+"}
    words = {"", ", category included"}
    assert {str(one) for one in blends} == {length + word for length in lengths for word in words}
    included = sum(one.situation.words is Wording.INCLUDED for one in asked)
    assert told[-1] == ("blends", len(asked) + included, len(asked) + included)


def test_a_situation_that_hardly_occurs_has_no_blend() -> None:
    assert blends_of(asked_of(cases(20), no_wish, 1), ground(), 50, 1, lambda *_: None) == {}
