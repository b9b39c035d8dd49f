"""Whatever is sent to be verified, the answer is what is wrong with it, or that it is none."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toyshop import recommender

from service.api.lists import RecommendAnswer
from service.domain import Controls, Intent, Op, RecommendRequest, Share
from service.errors import BadInput
from service.pipeline.recommend import recommend
from service.pipeline.verify import CHANGED, MOST_CONTROLS, MOST_LINES, MOST_NAMES, noted, verify

PARTS = recommender()

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**63, 0, -1, 1e308, float("inf"), float("nan"), -0.0]),
    st.floats(),
    st.text(),
    st.sampled_from(["", "\0", "<=", "~", "share", "include", "llm", "rank/1", "i1", "\udc80"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def response() -> dict[str, Any]:
    controls = Controls(("Red", "Blue"), ("Sock",), (Share("Mug", Op.ABOUT, 0.4),))
    request = RecommendRequest(k=5, history=("i1",), intent=Intent(controls=controls))
    made = asyncio.run(recommend(PARTS, request, "r1"))
    body: dict[str, Any] = RecommendAnswer.of(made).model_dump(mode="json")
    return body


TRUE = response()


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a response."""
    if at:
        yield at
    if isinstance(node, dict | list):
        steps = node.items() if isinstance(node, dict) else enumerate(node)
        for step, below in steps:
            yield from places(below, (*at, step))


PLACES = list(places({name: TRUE[name] for name in ("items", "receipt")}))


def put(body: Any, at: tuple[Any, ...], value: Any) -> None:
    for step in at[:-1]:
        body = body[step]
    body[at[-1]] = value


def told(body: Any, history: list[str] | None = None) -> list[str] | None:
    """What is wrong with it; None where it is no response."""
    try:
        found = verify(body, PARTS.catalogue, history)
        assert set(noted(body, history)) <= {CHANGED}
    except BadInput as error:
        refused = error
    else:
        assert all(len(problem) < 310 for problem in found)
        return found
    assert len(refused.message) < 350
    assert refused.hint
    return None


@settings(max_examples=400, deadline=None)
@given(at=st.sampled_from(PLACES), value=JSON)
def test_any_value_at_any_place(at: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(TRUE)
    put(body, at, value)
    told(body)
    told(body, ["i1"])


@pytest.mark.parametrize("value", [{"strange": 1}, [[]]], ids=str)
@pytest.mark.parametrize("at", list(places(TRUE)), ids=str)
def test_nothing_strange_is_overlooked(at: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(TRUE)
    put(body, at, value)
    assert told(body, ["i1"]) != []


@given(JSON)
def test_any_value_at_all(value: Any) -> None:
    if told(value) is not None:
        pytest.fail("no such value is a response")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("at", [at for at in PLACES if len(at) <= 4], ids=str)
def test_what_is_nested_without_end(at: tuple[Any, ...]) -> None:
    body = copy.deepcopy(TRUE)
    put(body, at, nested(5_000))
    told(body)


@pytest.mark.parametrize(
    "value", ["x" * 100_000, 10**4_000, 1e308, ["y"] * 90], ids=lambda value: type(value).__name__
)
@pytest.mark.parametrize("at", PLACES, ids=str)
def test_what_is_told_of_is_short(at: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(TRUE)
    put(body, at, value)
    told(body)


def test_what_it_lacks_is_named() -> None:
    with pytest.raises(BadInput, match="it has no 'receipt'"):
        verify({}, PARTS.catalogue)


def test_nothing_longer_than_a_response_is_gone_through() -> None:
    line, control = TRUE["items"][0], TRUE["receipt"]["controls"][0]
    long = copy.deepcopy(TRUE)
    long["items"] = [line] * (MOST_LINES + 1)
    assert told(long) is None
    many = copy.deepcopy(TRUE)
    many["receipt"]["relaxed"] = [control] * (MOST_CONTROLS + 1)
    assert told(many) is None
    wide = copy.deepcopy(TRUE)
    wide["receipt"]["controls"][0]["categories"] = ["Red"] * (MOST_NAMES + 1)
    assert told(wide) is None
