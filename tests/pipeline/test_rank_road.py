"""Lists by `rank`: the model's word on candidates, joined with the prior's, under the plan."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toyshop import (
    DeadEngine,
    NumberEngine,
    SpellingEngine,
    ToyRetriever,
    WeighingEngine,
    ids,
    noted,
    recommended,
    recommender,
    toy_items,
)

from service.api.lists import RecommendAnswer
from service.domain import (
    Controls,
    Intent,
    Op,
    Path,
    Recommendation,
    RecommendedItem,
    RecommendRequest,
    Share,
    Source,
    Strategy,
)
from service.errors import ConflictingControls, EngineTimeout, PromptTooLong
from service.pipeline.parts import Policy, Recommender
from service.pipeline.recommend import recommend
from service.pipeline.validate import judge
from service.pipeline.verify import verify
from service.pipeline.weighing import joined
from service.ports import Slate, Weighed
from service.steering.prior import Prior
from service.tuning import Measured, Tuning


def ask(parts: Recommender, **fields: Any) -> Recommendation:
    return recommended(parts, **{"strategy": Strategy.RANK, "history": ("i3",), **fields})


def rising(count: int) -> list[float]:
    """The last of the candidates is the best."""
    return [-float(count - place) for place in range(count)]


def shop(engine: SpellingEngine, **policy: Any) -> Recommender:
    retrievers = [ToyRetriever("similarity")]
    return recommender(engine=engine, retrievers=retrievers, policy=Policy(**policy))


def titles(slate: Slate) -> list[str]:
    """The candidates as the prompt shows them."""
    lines = slate.prompt.user.partition("Candidates:\n<<\n")[2].splitlines()
    return [line.partition(". ")[2] for line in lines[: len(slate.marks)]]


def test_with_no_weight_the_order_is_the_models() -> None:
    engine = WeighingEngine(rising)
    answer = ask(shop(engine), prior_weight=0.0)
    (slate,) = engine.slates
    assert [line.item.title for line in answer.items] == titles(slate)[::-1][:5]
    receipt = answer.receipt
    assert (receipt.path, receipt.strategy, receipt.degraded) == (Path.LLM, Strategy.RANK, False)
    assert (receipt.prompt, receipt.model, receipt.prior_weight) == ("rank/2", "scales", 0.0)
    assert receipt.why == f"rank was asked for; the model weighed {len(slate.marks)} candidates"
    assert {line.source for line in answer.items} == {Source.LLM}


@pytest.mark.parametrize("weight", [1e6, 1e300])
def test_with_a_great_weight_the_order_is_the_priors(weight: float) -> None:
    intent = Intent(controls=Controls(shares=(Share("Rare", Op.AT_LEAST, 0.4),)))
    parts = shop(WeighingEngine(rising))
    ranker = ask(parts, strategy=Strategy.RETRIEVE, intent=intent)
    assert ids(ask(parts, prior_weight=weight, intent=intent)) == ids(ranker)


def test_both_are_joined_in_nats() -> None:
    prior = Prior.over(np.array([2, 5, 7, 9]), np.array([-1.0, -2.0, -4.0, -3.0]))
    joint = joined(prior, np.array([7, 2]), np.array([-0.5, -3.0]), 0.5)
    assert joint.of(np.array([7, 2])).tolist() == [-2.5, -3.5]
    # What was not shown stands below, in the order of its prior, and the rest below that.
    assert joint.of(np.array([5, 9, 1])).tolist() == [-4.5, -5.5, -6.5]


@pytest.mark.parametrize("weight", [0.0, 1e6])
def test_of_what_weighs_the_same_the_priors_is_first(weight: float) -> None:
    engine = WeighingEngine(lambda count: [-1.0] * count)
    answer = ask(shop(engine), prior_weight=weight)
    assert ids(answer) == ids(ask(shop(engine), strategy=Strategy.RETRIEVE))
    assert answer.receipt.strategy is Strategy.RANK


STEPS = st.lists(st.tuples(st.integers(-40, 0), st.integers(-5, 0)), min_size=1, max_size=50)


@given(STEPS, st.sampled_from([0.0, 0.5, 4.0]))
def test_rows_come_by_what_they_weigh_then_by_the_prior_then_by_number(
    steps: list[tuple[int, int]], weight: float
) -> None:
    """Models read in few bits weigh in steps of an eighth."""
    rows = np.arange(len(steps))
    scores, own = np.array([one / 8 for one, _ in steps]), np.array([float(p) for _, p in steps])
    joint = joined(Prior.over(rows, own), rows[::-1], scores[::-1], weight)
    wanted = sorted(rows.tolist(), key=lambda row: (-(scores + weight * own)[row], -own[row], row))
    ordered = joint.of(np.array(wanted))
    assert (np.diff(ordered) < 0).all()
    unit = max(1.0, weight)
    assert np.allclose(joint.of(rows), (scores + weight * own) / unit, rtol=0, atol=1e-12)


def test_candidates_are_shown_best_first_and_no_more_than_the_engine_marks() -> None:
    engine = WeighingEngine(rising, most=7)
    parts = shop(engine)
    ask(parts)
    (slate,) = engine.slates
    best = ask(parts, strategy=Strategy.RETRIEVE, k=7)
    assert titles(slate) == [line.item.title for line in best.items]
    assert slate.marks == tuple("ABCDEFG")


def test_an_operator_bounds_how_many_are_weighed() -> None:
    engine = WeighingEngine(rising)
    ask(shop(engine, ranked=3))
    assert [len(slate.marks) for slate in engine.slates] == [3]


def test_of_a_list_longer_than_the_marks_the_rest_is_repaired_and_told() -> None:
    parts = shop(WeighingEngine(rising, most=4))
    answer = ask(parts, k=9)
    sources = [line.source for line in answer.items]
    assert sources == [Source.LLM] * 4 + [Source.REPAIR] * 5
    assert (answer.receipt.path, answer.receipt.repaired) == (Path.LLM, 5)
    body = RecommendAnswer.of(answer).model_dump(mode="json")
    assert verify(body, parts.catalogue, ("i3",)) == []


@pytest.mark.parametrize(
    ("strategy", "path", "problem"),
    [
        ("retrieve", "llm", "none of the strategy retrieve"),
        ("auto", "llm", "none of the strategy auto"),
        ("rank", "ranked", "none of the strategy rank"),
        ("generate", "llm", "generate is not made by the prompt rank/2"),
    ],
)
def test_a_receipt_of_another_strategy_is_found_out(strategy: str, path: str, problem: str) -> None:
    parts = shop(WeighingEngine(rising))
    body = RecommendAnswer.of(ask(parts)).model_dump(mode="json")
    assert verify(body, parts.catalogue) == []
    body["receipt"] |= {"strategy": strategy, "path": path}
    assert any(problem in each for each in verify(body, parts.catalogue))


class TestWhatGoesWrong:
    @pytest.mark.parametrize(
        "weights",
        [
            [math.nan, -1.0],
            [math.inf, -1.0],
            [-math.inf, -math.inf],
            [-1.0],
            [],
            [-1.0, -2.0, -3.0],
        ],
    )
    def test_weights_that_are_none_leave_the_list_to_the_ranker(self, weights: list[float]) -> None:
        parts = shop(WeighingEngine(lambda _: weights, most=2))
        answer = ask(parts)
        receipt = answer.receipt
        assert (receipt.path, receipt.strategy) == (Path.RANKED, Strategy.RETRIEVE)
        assert receipt.degraded
        assert "does not weigh the candidates it was shown" in receipt.why
        assert receipt.model is None
        assert noted(parts).missed == ["engine: EngineFailed"]
        assert ids(answer) == ids(ask(parts, strategy=Strategy.RETRIEVE))

    @pytest.mark.parametrize("engine", [DeadEngine(), WeighingEngine(rising, most=1)])
    def test_an_engine_that_cannot(self, engine: SpellingEngine) -> None:
        receipt = ask(shop(engine)).receipt
        assert (receipt.path, receipt.degraded) == (Path.RANKED, True)
        assert "the engine gave no list" in receipt.why

    @pytest.mark.parametrize("ask_for", [Strategy.RANK, Strategy.AUTO])
    def test_one_candidate_alone_is_not_weighed(self, ask_for: Strategy) -> None:
        engine = WeighingEngine(rising)
        parts = recommender(items=toy_items()[:1], engine=engine)
        tuned = (replace(TestTheWeight.MEASURED, history=False, above=0.1),)
        object.__setattr__(parts, "tuning", lambda: Tuning(measured=tuned))
        receipt = ask(parts, k=1, history=(), strategy=ask_for).receipt
        assert engine.slates == []
        assert (receipt.path, receipt.strategy) == (Path.POPULAR, Strategy.RETRIEVE)
        assert (receipt.degraded, receipt.model, receipt.prompt) == (False, None, None)
        assert receipt.why.endswith("; there are not two candidates to compare")
        assert noted(parts).missed == []

    def test_no_engine_at_all(self) -> None:
        receipt = ask(recommender()).receipt
        assert (receipt.path, receipt.strategy) == (Path.POPULAR, Strategy.RETRIEVE)
        assert (receipt.degraded, receipt.why) == (True, "no engine is configured")

    def test_impossible_candidates_come_after_the_possible_ones(self) -> None:
        engine = WeighingEngine(lambda count: [-math.inf] * (count - 2) + [-5.0, -1.0])
        answer = ask(shop(engine), prior_weight=0.0)
        shown = titles(engine.slates[0])
        assert [line.item.title for line in answer.items[:2]] == [shown[-1], shown[-2]]

    def test_a_prompt_that_is_too_long_is_tried_with_fewer_candidates(self) -> None:
        class Narrow(WeighingEngine):
            async def weigh(self, slate: Slate) -> Weighed:
                if len(slate.marks) > 10:
                    raise PromptTooLong("too long")
                return await super().weigh(slate)

        engine = Narrow(rising, most=30)
        answer = ask(shop(engine))
        assert [len(slate.marks) for slate in engine.slates] == [7]
        assert answer.receipt.path is Path.LLM

    def test_who_is_late_is_known_to_be_slow_at_this(self) -> None:
        class Late(WeighingEngine):
            async def weigh(self, slate: Slate) -> Weighed:
                await asyncio.sleep(slate.deadline.remaining())
                raise EngineTimeout("the deadline came")

        parts = shop(Late(rising))
        ask(parts, deadline_ms=300)
        assert parts.rank_pace.expected(0) > 0.3
        assert parts.pace.expected(5) == 0

    def test_who_is_not_to_be_reached_has_cost_no_more_than_was_waited(self) -> None:
        class Away(WeighingEngine):
            async def weigh(self, slate: Slate) -> Weighed:
                raise EngineTimeout("it cannot be connected to in time")

        parts = shop(Away(rising))
        ask(parts, deadline_ms=60_000)
        assert parts.rank_pace.expected(0) < 10


def test_what_it_took_is_told_and_remembered_apart_from_generated_lists() -> None:
    class Timed(WeighingEngine):
        async def weigh(self, slate: Slate) -> Weighed:
            made = await super().weigh(slate)
            return Weighed(made.scores, tokens=1, passes=3, seconds=0.5)

    parts = shop(Timed(rising))
    ask(parts)
    assert [(made.tokens, made.passes) for made in noted(parts).decodings] == [(1, 3)]
    assert parts.rank_pace.expected(0) == pytest.approx(0.5, rel=0.1)
    assert parts.pace.expected(5) == 0
    assert noted(parts).made[-1].strategy is Strategy.RANK


def test_all_its_lines_are_shown_at_once() -> None:
    lines: list[RecommendedItem] = []
    request = RecommendRequest(k=5, strategy=Strategy.RANK)
    answer = asyncio.run(recommend(shop(WeighingEngine(rising)), request, "r", lines.append))
    assert tuple(lines) == answer.items


class TestTheWeight:
    MEASURED = Measured(
        model="scales",
        strategy=Strategy.RANK,
        history=True,
        words=False,
        prior_weight=0.0,
        ndcg=0.1,
        requests=9,
    )

    def parts(self, *measured: Measured) -> Recommender:
        engine, retrievers = WeighingEngine(rising), [ToyRetriever("similarity")]
        made = recommender(engine=engine, retrievers=retrievers, policy=Policy(prior_weight=3.0))
        object.__setattr__(made, "tuning", lambda: Tuning(measured=measured))
        return made

    def test_as_measured_of_this_model_strategy_and_kind_of_request(self) -> None:
        parts = self.parts(self.MEASURED)
        answer = ask(parts)
        assert answer.receipt.prior_weight == 0.0
        assert ids(answer) == ids(ask(parts, prior_weight=0.0))
        assert ask(parts, intent=Intent(query="mug")).receipt.prior_weight == 3.0
        assert ask(parts, strategy=Strategy.GENERATE).receipt.prior_weight == 3.0

    def test_as_asked_before_that_and_as_set_after(self) -> None:
        assert ask(self.parts(self.MEASURED), prior_weight=2.0).receipt.prior_weight == 2.0
        assert ask(self.parts()).receipt.prior_weight == 3.0

    def test_numbers_are_chosen_by_the_model_alone(self) -> None:
        engine = NumberEngine(lambda shown: range(1, shown + 1))
        parts = recommender(engine=engine, retrievers=[ToyRetriever("similarity")])
        generated = ask(parts, strategy=Strategy.GENERATE, prior_weight=2.0).receipt
        assert (generated.path, generated.prompt) == (Path.LLM, "choose/1")
        assert generated.prior_weight == 0.0
        assert ask(parts, prior_weight=2.0).receipt.prior_weight == 2.0


SHARE = st.builds(
    Share,
    st.sampled_from(["Red", "Mug", "Rare", "Blue"]),
    st.sampled_from(Op),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]),
)
CATEGORIES = st.lists(st.sampled_from(["Red", "Blue", "Mug", "Rare"]), max_size=2, unique=True)
WEIGHT = st.floats(-50, 0) | st.just(-math.inf)


@given(
    k=st.integers(1, 12),
    most=st.integers(1, 45),
    include=CATEGORIES,
    exclude=CATEGORIES,
    shares=st.lists(SHARE, max_size=4),
    weights=st.lists(WEIGHT | st.sampled_from([math.nan, math.inf]), min_size=45, max_size=45),
    history=st.lists(st.integers(0, 45), max_size=10),
    prior_weight=st.sampled_from([0.0, 0.5, 4.0, 1e9]),
)
def test_whatever_the_engine_weighs_the_list_obeys(
    k: int,
    most: int,
    include: list[str],
    exclude: list[str],
    shares: list[Share],
    weights: list[float],
    history: list[int],
    prior_weight: float,
) -> None:
    engine = WeighingEngine(lambda count: weights[:count], most=most)
    parts = recommender(items=toy_items(), engine=engine, retrievers=[ToyRetriever("similarity")])
    controls = Controls(tuple(include), tuple(exclude), tuple(shares))
    past = tuple(f"i{n}" for n in history)
    try:
        answer = ask(
            parts, k=k, history=past, intent=Intent(controls=controls), prior_weight=prior_weight
        )
    except ConflictingControls:
        return
    items = [line.item for line in answer.items]
    assert not judge(items, k, past, controls).violations
    body = RecommendAnswer.of(answer).model_dump(mode="json")
    assert verify(body, parts.catalogue, past) == []
    asked = [weights[: len(slate.marks)] for slate in engine.slates]
    sound = all(any(map(math.isfinite, each)) and all(w <= 0 for w in each) for each in asked)
    if asked:
        assert (answer.receipt.path is Path.LLM) == sound
        assert noted(parts).made[-1].drafted.violations == {}
