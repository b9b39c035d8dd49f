"""`auto`: the best of what was measured, of what can be in time, and why."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toyshop import DeadEngine, SpellingEngine, ToyRetriever, WeighingEngine, recommender

from service.domain import Intent, Path, Receipt, RecommendRequest, Strategy
from service.pipeline.auto import UNTUNED_HERE
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import Decoding, Spelled, Weighed
from service.tuning import Blend, Measured, Situation, Tuning

GENERATE, RANK, RETRIEVE = Strategy.GENERATE, Strategy.RANK, Strategy.RETRIEVE
ONE_LINE = (Spelled(1, None),)
UNMEASURED = "nothing has been measured of this model's lists"


def figure(
    strategy: Strategy, above: float, *, error: float = 0.001, words: bool = False, **more: Any
) -> Measured:
    """Of a strategy whose lists were so much better than the retrievers' 0.05."""
    figure = Measured(
        model=SpellingEngine.model,
        strategy=strategy,
        history=False,
        words=words,
        prior_weight=1.5,
        ndcg=0.05 + above,
        requests=200,
        above=above,
        error=error,
    )
    return replace(figure, **more)


def parts(*figures: Measured, engine: SpellingEngine | None = None) -> Recommender:
    made = recommender(engine=engine or SpellingEngine())
    object.__setattr__(made, "tuning", lambda: Tuning(measured=figures))
    return made


def slow(made: Recommender, *, generate: float = 0.0, rank: float = 0.0) -> Recommender:
    """The same, with an engine that was seen to need so many seconds."""
    if generate:
        made.pace.note(Decoding(ONE_LINE, 1, 1, seconds_to_first=generate, seconds=generate))
    if rank:
        made.rank_pace.weighed(Weighed(np.zeros(2), seconds=rank))
    return made


def receipt(made: Recommender, **fields: Any) -> Receipt:
    request = RecommendRequest(**{"k": 5, "deadline_ms": 2_000, **fields})
    return asyncio.run(recommend(made, request, "r")).receipt


@pytest.mark.parametrize(
    ("generate", "rank", "best"),
    [
        (0.01, 0.02, RANK),
        (0.03, 0.02, GENERATE),
        (0.02, 0.02, RANK),
        (0.0, 0.0, RETRIEVE),
        (-0.01, 0.0, RETRIEVE),
        (0.001, 0.002, RETRIEVE),
        (0.003, 0.0, GENERATE),
    ],
)
def test_the_most_that_is_clearly_better_than_the_retrievers_alone(
    generate: float, rank: float, best: Strategy
) -> None:
    told = receipt(parts(figure(GENERATE, generate), figure(RANK, rank)))
    assert (told.strategy, told.degraded) == (best, False)
    assert told.path is (Path.POPULAR if best is RETRIEVE else Path.LLM)


def test_why_is_said_with_the_figures() -> None:
    made = parts(figure(GENERATE, 0.01), figure(RANK, 0.02, requests=90))
    assert receipt(made).why == (
        "rank: NDCG@10 0.070 for 90 validation requests, 0.050 by the retrievers alone;"
        " the model weighed 40 candidates"
    )


def test_what_is_not_clearly_better_is_said_too() -> None:
    assert receipt(parts(figure(GENERATE, 0.01, error=0.009))).why == (
        "generate: NDCG@10 0.060 for 200 validation requests, 0.050 by the retrievers alone:"
        " not clearly better"
    )


def test_the_best_that_can_be_in_time() -> None:
    made = parts(figure(GENERATE, 0.02), figure(RANK, 0.01))
    told = receipt(slow(made, generate=3.1))
    assert (told.strategy, told.degraded) == (RANK, True)
    assert told.why.startswith(
        "generate would need about 3.1 s, more than the deadline leaves; rank: NDCG@10 0.060"
    )
    assert receipt(made, deadline_ms=9_000).strategy is GENERATE


def test_what_would_be_late_and_is_not_wanted_costs_nothing() -> None:
    told = receipt(slow(parts(figure(GENERATE, 0.01), figure(RANK, 0.02)), generate=3.1))
    assert (told.strategy, told.degraded) == (RANK, False)


def test_all_too_late_leaves_the_retrievers() -> None:
    made = parts(figure(GENERATE, 0.02), figure(RANK, 0.01))
    told = receipt(slow(made, generate=30.0, rank=12.0))
    assert (told.strategy, told.degraded) == (RETRIEVE, True)
    assert told.why == (
        "rank would need about 12.0 s and generate about 30.0 s, more than the deadline leaves"
    )


def test_what_is_clearly_better_but_late_is_not_called_no_better() -> None:
    made = parts(figure(GENERATE, 0.02), figure(RANK, 0.01, error=0.009))
    told = receipt(slow(made, generate=30.0))
    assert (told.strategy, told.degraded) == (RETRIEVE, True)
    assert told.why == (
        "generate would need about 30.0 s, more than the deadline leaves;"
        " rank: NDCG@10 0.060 for 200 validation requests, 0.050 by the retrievers alone:"
        " not clearly better"
    )


def test_beside_a_tuned_prior_an_unmeasured_model_has_to_prove_itself() -> None:
    made = recommender(engine=SpellingEngine())
    blends = {Situation("none"): Blend({"popularity": 1.0})}
    object.__setattr__(made, "tuning", lambda: Tuning(blends))
    told = receipt(made)
    assert (told.strategy, told.degraded, told.why) == (RETRIEVE, False, UNMEASURED)
    assert receipt(made, strategy=GENERATE).strategy is GENERATE


def test_figures_of_another_prior_are_called_so() -> None:
    knowing, blends = ToyRetriever("sasrec"), {Situation("1-3"): Blend({"sasrec": 1.0})}
    tuning = Tuning(blends, (figure(RANK, 0.02, history=True),))
    for retrievers, said in (((knowing,), False), ((), True)):
        made = recommender(engine=SpellingEngine(), retrievers=retrievers)
        object.__setattr__(made, "tuning", lambda: tuning)
        told = receipt(made, history=("i1",))
        assert told.strategy is RANK
        assert told.why.startswith("rank: NDCG@10 0.070")
        assert (UNTUNED_HERE in told.why) == said
        # Who has no history is weighed by no blend here: nothing else stands in for it.
        assert UNTUNED_HERE not in receipt(made).why


class TestWhereNothingWasMeasured:
    def test_the_model_writes_if_it_can_be_in_time(self) -> None:
        told = receipt(parts())
        assert (told.strategy, told.degraded) == (GENERATE, False)
        assert told.why == f"the engine could answer in time; {UNMEASURED}"

    def test_else_it_weighs(self) -> None:
        told = receipt(slow(parts(), generate=30.0))
        assert (told.strategy, told.degraded) == (RANK, True)
        assert told.why.startswith("generate would need about 30.0 s")
        assert UNMEASURED in told.why

    def test_else_the_retrievers_do(self) -> None:
        told = receipt(slow(parts(), generate=30.0, rank=30.0))
        assert (told.strategy, told.degraded) == (RETRIEVE, True)
        assert told.why.endswith(UNMEASURED)

    def test_figures_of_another_model_or_of_other_requests_do_not_count(self) -> None:
        others = (
            figure(RANK, 0.9, model="other"),
            figure(RANK, 0.9, words=True),
            figure(RANK, 0.9, history=True),
        )
        told = receipt(parts(*others))
        assert told.strategy is GENERATE
        assert UNMEASURED in told.why


def test_requests_with_words_have_figures_of_their_own() -> None:
    made = parts(
        figure(GENERATE, 0.01), figure(RANK, 0.02), figure(GENERATE, 0.2, words=True),
        figure(RANK, 0.1, words=True),
    )  # fmt: skip
    assert receipt(made).strategy is RANK
    assert receipt(made, intent=Intent(query="mug")).strategy is GENERATE
    assert receipt(made, intent=Intent(text=" ")).strategy is RANK


def test_the_weight_is_the_one_that_the_figure_was_had_with() -> None:
    assert receipt(parts(figure(RANK, 0.1))).prior_weight == 1.5


def test_an_engine_that_cannot_weigh_is_not_asked_to() -> None:
    engine = SpellingEngine()
    engine.marks = lambda most: ()  # type: ignore[method-assign]
    made = parts(figure(RANK, 0.9), figure(GENERATE, 0.1), engine=engine)
    assert receipt(made).strategy is GENERATE


def test_where_the_best_fails_the_ranker_makes_the_list() -> None:
    engine = DeadEngine()
    engine.model = SpellingEngine.model
    told = receipt(parts(figure(RANK, 0.9), engine=engine))
    assert (told.strategy, told.degraded) == (RETRIEVE, True)
    assert "connection refused" in told.why


def test_new_figures_count_without_a_restart() -> None:
    figures = [figure(GENERATE, 0.1), figure(RANK, 0.2)]
    made = recommender(engine=SpellingEngine())
    object.__setattr__(made, "tuning", lambda: Tuning(measured=tuple(figures)))
    assert receipt(made).strategy is RANK
    figures[0] = figure(GENERATE, 0.3)
    assert receipt(made).strategy is GENERATE


def test_what_waits_counts_for_both_ways_of_asking() -> None:
    engine = WeighingEngine(lambda count: [-1.0] * count)
    made = slow(parts(engine=engine), generate=0.5, rank=0.3)
    engine.waiting = 20.0
    assert receipt(made).strategy is RETRIEVE
    engine.waiting = 3.8
    assert receipt(made).strategy is RANK
