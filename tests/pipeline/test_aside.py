"""What is done on the event loop, and what in a thread beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import get_ident
from typing import Any

import pytest
from toyshop import ToyRetriever, recommender, toy_items

from service.domain import Controls, Intent, Op, RecommendRequest, Share
from service.pipeline import brief, candidates, finish
from service.pipeline.aside import SHORT, aside, soon
from service.pipeline.parts import Recommender
from service.pipeline.recommend import recommend
from service.ports import FEW
from service.retrieval import vectors

SHARED = Intent(controls=Controls(shares=(Share("Red", Op.ABOUT, 0.4),)))
NARROW = Intent(controls=Controls(include=("Red",), exclude=("Mug",)))
WORK = {"plan_or_relax": brief, "_prior": candidates, "select": finish}


@pytest.mark.parametrize(
    ("rows", "k", "expected"),
    [(FEW, SHORT, True), (FEW + 1, SHORT, False), (FEW, SHORT + 1, False)],
)
def test_few_rows_and_a_short_list_are_soon_done(*, rows: int, k: int, expected: bool) -> None:
    assert soon(rows, k) is expected


def test_what_is_done_at_once_is_what_similarity_scores_every_one_of() -> None:
    assert vectors.FEW == FEW


async def test_work_is_done_here_or_in_a_thread() -> None:
    here = get_ident()
    assert await aside(True, get_ident) == here
    assert await aside(False, get_ident) != here


def threads(parts: Recommender, patch: pytest.MonkeyPatch, **asked: Any) -> dict[str, bool]:
    """Whether each piece of work was done in the thread of the event loop."""
    loop = get_ident()
    found: dict[str, bool] = {}

    def noted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any) -> Any:
            found[name] = get_ident() == loop
            return work(*args)

        return noting

    for name, module in WORK.items():
        patch.setattr(module, name, noted(name, getattr(module, name)))
    asyncio.run(recommend(parts, RecommendRequest(**asked), "r"))
    patch.undo()
    return found


def test_a_short_list_is_done_on_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    for intent in (Intent(), NARROW, SHARED):
        done = threads(recommender(), monkeypatch, k=5, intent=intent)
        assert done == dict.fromkeys(WORK, True)


def test_a_long_list_is_done_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threads(recommender(), monkeypatch, k=SHORT + 1)
    assert done == dict.fromkeys(WORK, False)


class Placed(ToyRetriever):
    """Notes the thread it was asked in."""

    thread: int | None = None

    def opinion(self, query: Any) -> Any:
        self.thread = get_ident()
        return super().opinion(query)


@pytest.mark.parametrize(
    ("count", "intent", "on_the_loop"),
    [(40, Intent(), True), (FEW + 1, Intent(), False), (40, Intent(query="warm"), False)],
)
def test_who_has_words_to_read_or_many_rows_is_asked_in_a_thread(
    *, count: int, intent: Intent, on_the_loop: bool
) -> None:
    placed = Placed()
    parts = recommender(items=toy_items(count), retrievers=[placed])
    asyncio.run(recommend(parts, RecommendRequest(k=3, history=("i1",), intent=intent), "r"))
    assert (placed.thread == get_ident()) is on_the_loop
