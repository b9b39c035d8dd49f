from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toyshop import (
    DeadEngine,
    LyingEngine,
    NumberEngine,
    SpellingEngine,
    ToyRetriever,
    ToyStore,
    noted,
    recommender,
    toy_items,
)
from toyshop import recommended as ask

from service.domain import (
    Controls,
    Intent,
    OnConflict,
    Op,
    Path,
    Recommendation,
    RecommendedItem,
    RecommendRequest,
    Share,
    Source,
    Strategy,
)
from service.errors import (
    ConflictingControls,
    EngineFailed,
    EngineTimeout,
    PromiseBroken,
    StoreUnavailable,
    UnknownCategory,
    UnknownItem,
)
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.pipeline.validate import judge
from service.ports import Decoding, Job, Spelled, Weighed

ONE_LINE = (Spelled(1, None),)


def obey(**controls: Any) -> Intent:
    return Intent(controls=Controls(**controls))


def holds(answer: Recommendation, intent: Intent, history: tuple[str, ...] = ()) -> bool:
    items = [line.item for line in answer.items]
    return not judge(items, answer.receipt.k, history, intent.controls).violations


def test_the_model_makes_the_list_and_the_receipt_accounts_for_it() -> None:
    parts = recommender(engine=SpellingEngine(), retrievers=[ToyRetriever()])
    intent = obey(include=("Red", "Blue"), exclude=("Sock",), shares=(Share("Mug", Op.ABOUT, 0.4),))
    answer = ask(parts, history=("i0", "i8"), intent=intent)
    receipt = answer.receipt
    assert holds(answer, intent, ("i0", "i8"))
    assert (receipt.path, receipt.degraded, receipt.repaired) == (Path.LLM, False, 0)
    assert [(c.want, c.got, c.holds) for c in receipt.controls] == [
        ("=5", 5, True),
        ("=0", 0, True),
        ("=2", 2, True),
    ]
    assert receipt.model == "random"
    assert {line.source for line in answer.items} == {Source.LLM}
    assert set(answer.timings) == {
        "history", "plan", "candidates", "draft", "finish", "validate", "keep", "total",
    }  # fmt: skip


def test_retrieve_never_asks_the_engine() -> None:
    parts = recommender(engine=DeadEngine(), retrievers=[ToyRetriever()])
    answer = ask(parts, strategy=Strategy.RETRIEVE, history=("i3",))
    assert (answer.receipt.path, answer.receipt.degraded) == (Path.RANKED, False)
    assert answer.receipt.model is None


def test_a_dead_engine_leaves_the_ranked_list_under_the_same_plan() -> None:
    parts = recommender(engine=DeadEngine(), retrievers=[ToyRetriever()])
    intent = obey(include=("Red",), shares=(Share("Mug", Op.AT_MOST, 0.2),))
    answer = ask(parts, history=("i3",), intent=intent)
    assert holds(answer, intent, ("i3",))
    assert (answer.receipt.path, answer.receipt.degraded) == (Path.RANKED, True)
    assert "connection refused" in answer.receipt.why
    assert noted(parts).missed == ["engine: EngineFailed"]


def test_without_history_or_engine_the_list_is_the_popular_one() -> None:
    parts = recommender(retrievers=[ToyRetriever()])
    answer = ask(parts)
    assert (answer.receipt.path, answer.receipt.degraded) == (Path.POPULAR, False)
    assert [line.item for line in answer.items] == [
        parts.catalogue.item(int(row)) for row in parts.catalogue.popular_rows[:5]
    ]


def test_generate_without_an_engine_is_degraded_and_says_so() -> None:
    receipt = ask(recommender(), strategy=Strategy.GENERATE).receipt
    assert (receipt.degraded, receipt.why) == (True, "no engine is configured")


def test_auto_does_not_ask_an_engine_that_would_be_late() -> None:
    parts = recommender(engine=SpellingEngine())
    parts.pace.note(Decoding(ONE_LINE, 1, 1, seconds_to_first=0.0, seconds=10.0))
    parts.rank_pace.weighed(Weighed(np.zeros(2), seconds=5.0))
    receipt = ask(parts, deadline_ms=500).receipt
    assert (receipt.path, receipt.degraded) == (Path.POPULAR, True)
    assert noted(parts).missed == ["engine: EngineLate"]
    assert "more than the deadline leaves" in receipt.why
    assert ask(parts, deadline_ms=500, strategy=Strategy.GENERATE).receipt.path is Path.LLM


def test_auto_counts_those_who_wait_already() -> None:
    engine = SpellingEngine()
    parts = recommender(engine=engine)
    parts.pace.note(Decoding(ONE_LINE, 1, 1, seconds_to_first=0.0, seconds=0.1))
    parts.rank_pace.weighed(Weighed(np.zeros(2), seconds=0.2))
    assert ask(parts, deadline_ms=2_000).receipt.path is Path.LLM
    parts.pace.note(Decoding(ONE_LINE, 1, 1, seconds_to_first=0.0, seconds=0.5))
    engine.waiting = 20.0
    assert ask(parts, deadline_ms=2_000).receipt.path is Path.POPULAR


def test_a_line_that_does_not_read_as_its_row_is_counted_and_repaired() -> None:
    parts = recommender(engine=LyingEngine(lambda _: [0, 1, 2, 3, 4], lambda row: f"Thing {row}"))
    answer = ask(parts)
    assert noted(parts).made[-1].drafted.violations == {"misspelled": 5}
    assert (answer.receipt.path, answer.receipt.degraded) == (Path.POPULAR, True)
    assert "none of the 5 items it named may stand" in answer.receipt.why
    assert noted(parts).missed == ["engine: EngineFailed"]


def test_a_fault_in_mid_list_is_told_and_is_no_measure_of_the_pace() -> None:
    torn = EngineFailed("the connection broke")
    broken = LyingEngine(lambda _: [3, 8], fault=torn)
    parts = recommender(engine=broken)
    receipt = ask(parts).receipt
    assert (receipt.path, receipt.degraded, receipt.repaired) == (Path.LLM, True, 3)
    assert noted(parts).missed == ["engine: EngineFailed"]
    assert parts.pace.expected(5) == 0


def test_auto_turns_from_an_engine_that_is_late_time_and_again() -> None:
    class Late(SpellingEngine):
        async def spell(self, job: Job) -> Decoding:
            await asyncio.sleep(job.deadline.remaining())
            raise EngineTimeout("late")

    parts = recommender(engine=Late())
    whys = [ask(parts, deadline_ms=300).receipt.why for _ in range(3)]
    assert "late" in whys[0]
    assert "more than the deadline leaves" in whys[-1]


def test_a_catalogue_that_cannot_find_its_items_again_breaks_the_promise() -> None:
    parts = recommender()
    rows = parts.catalogue.rows
    parts.catalogue.rows = lambda ids: rows(ids)[::-1]  # type: ignore[method-assign]
    with pytest.raises(PromiseBroken, match="nonexistent"):
        ask(parts, k=4)
    (held,) = noted(parts).held_back
    assert (held.violations, noted(parts).made) == ({"nonexistent": 4}, [])


def test_a_list_cut_short_by_the_deadline_is_completed_from_the_candidates() -> None:
    intent = obey(shares=(Share("Rare", Op.AT_LEAST, 0.4),))
    answer = ask(recommender(engine=SpellingEngine(most=2)), intent=intent)
    assert holds(answer, intent)
    assert (answer.receipt.degraded, answer.receipt.repaired) == (True, 3)
    assert [line.source for line in answer.items] == [Source.LLM] * 2 + [Source.REPAIR] * 3


def test_an_engine_with_nothing_in_time_counts_as_failed() -> None:
    answer = ask(recommender(engine=SpellingEngine(most=0)))
    assert (answer.receipt.path, answer.receipt.degraded) == (Path.POPULAR, True)


def test_what_stands_when_the_engine_breaks_is_kept_and_the_rest_repaired() -> None:
    broken = LyingEngine(lambda _: [3, 8], error=EngineFailed("the connection broke"))
    parts = recommender(engine=broken)
    answer = ask(parts)
    assert [line.item for line in answer.items[:2]] == [parts.catalogue.item(r) for r in (3, 8)]
    assert [line.source for line in answer.items] == [Source.LLM] * 2 + [Source.REPAIR] * 3
    receipt = answer.receipt
    assert (receipt.path, receipt.degraded, receipt.repaired) == (Path.LLM, True, 3)
    assert "the connection broke after 2 items" in receipt.why
    assert noted(parts).missed == ["engine: EngineFailed"]


def shown_by(parts: Recommender, **fields: Any) -> tuple[list[RecommendedItem], Recommendation]:
    """The lines as they were shown, and the whole list."""
    lines: list[RecommendedItem] = []
    request = RecommendRequest(**{"k": 5, **fields})
    return lines, asyncio.run(recommend(parts, request, "r1", lines.append))


@pytest.mark.parametrize(
    "engine",
    [
        SpellingEngine(),
        SpellingEngine(most=2),
        DeadEngine(),
        LyingEngine(lambda _: [7, 7, 99, 2, -1]),
        LyingEngine(lambda _: [3], error=EngineFailed("the connection broke")),
        None,
    ],
)
def test_what_is_shown_on_the_way_is_the_list_line_by_line(engine: SpellingEngine | None) -> None:
    intent = obey(shares=(Share("Rare", Op.AT_LEAST, 0.2),))
    shown, answer = shown_by(recommender(engine=engine), intent=intent, explain=True)
    assert tuple(shown) == answer.items
    assert holds(answer, intent)


async def test_lines_are_shown_while_the_engine_is_still_spelling() -> None:
    shown: list[RecommendedItem] = []
    first = asyncio.Event()

    def show(line: RecommendedItem) -> None:
        shown.append(line)
        first.set()

    parts = recommender(engine=SpellingEngine())
    work = asyncio.ensure_future(recommend(parts, RecommendRequest(k=5), "r", show))
    await first.wait()
    assert len(shown) < 5
    assert not work.done()
    assert (await work).items == tuple(shown)


def test_nothing_is_shown_that_the_validator_would_refuse() -> None:
    parts = recommender()
    lying = np.array([0, 1, 2, 3, 4])
    parts.catalogue.postings = lambda _: lying  # type: ignore[method-assign]
    rare = {row for row in range(5) if "Rare" in parts.catalogue.item(row).categories}
    shown: list[RecommendedItem] = []
    request = RecommendRequest(k=5, intent=obey(include=("Rare",)))
    with pytest.raises(PromiseBroken):
        asyncio.run(recommend(parts, request, "r", shown.append))
    assert len(shown) == len(rare)


def test_an_engine_that_spells_numbers_is_shown_candidates_that_can_obey() -> None:
    engine = NumberEngine(lambda shown: range(shown, 0, -1))
    parts = recommender(engine=engine, retrievers=[ToyRetriever()])
    intent = obey(exclude=("Sock",), shares=(Share("Rare", Op.AT_LEAST, 0.4),))
    answer = ask(parts, intent=intent, history=("i0",))
    assert len(engine.shown) == engine.labels
    assert answer.receipt.prompt == "choose/1"
    assert holds(answer, intent, ("i0",))
    numbered = [parts.catalogue.item(row) for row in engine.shown]
    assert sum("Rare" in item.categories for item in numbered) >= 2
    assert not any("Sock" in item.categories or item.id == "i0" for item in numbered)
    for number, item in enumerate(numbered, start=1):
        assert f"\n{number}. {item.title}\n" in engine.prompts[0].user
    assert {line.source for line in answer.items} >= {Source.LLM}


def test_a_list_longer_than_the_candidates_shown_is_shown_as_many_as_it_needs() -> None:
    engine = NumberEngine(lambda shown: range(1, shown + 1))
    answer = ask(recommender(engine=engine), k=20)
    assert len(engine.shown) == 20
    assert answer.receipt.repaired == 0


@pytest.mark.parametrize(
    ("lie", "violation"),
    [
        ([0, 0, 1, 2, 3], "repeat"),
        ([0, 1, 2, 3, 99], "nonexistent"),
        ([0, 1, 2, 3, -4], "nonexistent"),
    ],
)
def test_what_the_engine_gets_wrong_is_counted_and_repaired(lie: list[int], violation: str) -> None:
    parts = recommender(engine=LyingEngine(lambda _: lie))
    answer = ask(parts)
    assert holds(answer, Intent())
    assert answer.receipt.repaired == 1
    assert noted(parts).made[-1].drafted.violations == {violation: 1}


def test_items_of_the_history_and_against_controls_are_counted_and_repaired() -> None:
    parts = recommender(engine=LyingEngine(lambda _: [0, 1, 2, 3, 4]))
    first = parts.catalogue.item(0).id
    intent = obey(exclude=(parts.catalogue.item(1).categories[0],))
    answer = ask(parts, history=(first,), intent=intent)
    assert holds(answer, intent, (first,))
    assert noted(parts).made[-1].drafted.violations == {"in_history": 1, "control": 1}


def test_a_broken_retriever_is_left_out_and_named() -> None:
    broken = ToyRetriever("similarity", error=RuntimeError("index gone"))
    parts = recommender(retrievers=[broken, ToyRetriever("search")])
    receipt = ask(parts, history=("i1",)).receipt
    assert receipt.retrievers == ("popularity", "search")
    assert receipt.degraded
    assert "similarity was left out" in receipt.why
    assert noted(parts).missed == ["similarity: RuntimeError"]


def test_history_comes_from_the_request_before_the_store() -> None:
    store = ToyStore({"ann": ("i1", "i2", "gone")})
    parts = recommender(store=store)
    remembered = ask(parts, user_id="ann").receipt
    assert (remembered.history_used, remembered.history_unknown) == (2, 1)
    assert ask(parts, user_id="ann", history=()).receipt.history_used == 0
    assert ask(parts, user_id="nobody").receipt.history_used == 0


def test_unknown_items_of_a_strict_history_are_an_error() -> None:
    with pytest.raises(UnknownItem, match="'nix'"):
        ask(recommender(), history=("i1", "nix"), strict_history=True)


def test_a_history_that_cannot_be_read_fails_closed() -> None:
    with pytest.raises(StoreUnavailable):
        ask(recommender(store=ToyStore(broken=True)), user_id="ann")


def test_conflicts_are_explained_or_relaxed() -> None:
    intent = obey(include=("Red",), exclude=("Red", "Sock"))
    with pytest.raises(ConflictingControls, match=r"include 'Red' \(leaves 10 items\)"):
        ask(recommender(), intent=intent)
    receipt = ask(recommender(), intent=intent, on_conflict=OnConflict.RELAX).receipt
    assert [(c.categories, c.got > 0) for c in receipt.relaxed] == [(("Red",), True)]
    assert [c.holds for c in receipt.controls] == [True, True]


def test_unknown_categories_and_too_long_lists_are_errors() -> None:
    with pytest.raises(UnknownCategory):
        ask(recommender(), intent=obey(include=("Nope",)))
    with pytest.raises(ConflictingControls, match="only 40 are left"):
        ask(recommender(), k=41, on_conflict=OnConflict.RELAX)


def test_a_catalogue_that_contradicts_itself_breaks_the_promise_loudly() -> None:
    parts = recommender()
    lying = np.array([0, 1, 2, 3, 4])
    parts.catalogue.postings = lambda _: lying  # type: ignore[method-assign]
    with pytest.raises(PromiseBroken):
        ask(parts, intent=obey(include=("Rare",)))


def test_reasons_are_given_when_asked_for() -> None:
    intent = obey(include=("Red",), shares=(Share("Mug", Op.AT_LEAST, 0.4),))
    answer = ask(recommender(), intent=intent, explain=True)
    assert all(line.reason and line.reason.startswith("in Red") for line in answer.items)
    assert sum("counts for Mug (at least 40%)" in (line.reason or "") for line in answer.items) >= 2
    assert ask(recommender()).items[0].reason is None


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_what_is_spelled_under_the_speller_never_needs_repair(seed: int, k: int) -> None:
    parts = recommender(engine=SpellingEngine(seed), retrievers=[ToyRetriever()])
    intent = obey(exclude=("Sock",), shares=(Share("Red", Op.ABOUT, 0.3),))
    answer = ask(parts, k=k, intent=intent, history=("i1", "i5", "i6"))
    assert answer.receipt.repaired == 0
    assert noted(parts).made[-1].drafted.violations == {}


SHARE = st.builds(
    Share,
    st.sampled_from(["Red", "Mug", "Rare", "Blue"]),
    st.sampled_from(Op),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]),
)
CATEGORIES = st.lists(st.sampled_from(["Red", "Blue", "Mug", "Rare"]), max_size=2, unique=True)


@given(
    k=st.integers(1, 12),
    include=CATEGORIES,
    exclude=CATEGORIES,
    shares=st.lists(SHARE, max_size=4),
    lies=st.lists(st.integers(-2, 45), max_size=15),
    history=st.lists(st.integers(0, 45), max_size=10),
    relax=st.booleans(),
)
def test_whatever_the_engine_says_the_list_obeys(
    *,
    k: int,
    include: list[str],
    exclude: list[str],
    shares: list[Share],
    lies: list[int],
    history: list[int],
    relax: bool,
) -> None:
    parts = recommender(items=toy_items(), engine=LyingEngine(lambda _: lies))
    intent = obey(include=tuple(include), exclude=tuple(exclude), shares=tuple(shares))
    ids = tuple(f"i{n}" for n in history)
    conflict = OnConflict.RELAX if relax else OnConflict.REJECT
    try:
        answer = ask(parts, k=k, intent=intent, history=ids, on_conflict=conflict)
    except ConflictingControls:
        assert not relax
        return
    kept = all(outcome.holds for outcome in answer.receipt.controls)
    assert kept
    assert holds(answer, Intent(), ids)
    if not answer.receipt.relaxed:
        assert holds(answer, intent, ids)
