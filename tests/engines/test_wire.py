from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import World, lexicon_of, worlds

from service.domain import Controls, Op, Share
from service.engines.wire import labels as wire_labels
from service.engines.wire import parameters as wire
from service.engines.wire.labels import Labels
from service.engines.wire.parameters import from_xargs, to_xargs
from service.errors import BadParameters
from service.settings import Retrieval
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior

names = st.text(min_size=1, max_size=12) | st.sampled_from(["a<=b", "~", "x>=0.5", "<=<=", "c\n~d"])
shares = st.builds(Share, names, st.sampled_from(Op), st.floats(0, 1) | st.sampled_from([0, 1]))
controls = st.builds(
    Controls,
    st.lists(names, max_size=3, unique=True).map(tuple),
    st.lists(names, max_size=3, unique=True).map(tuple),
    st.lists(shares, max_size=4).map(tuple),
)
rows = st.lists(st.integers(0, 10**6), unique=True, max_size=30)
finite = st.floats(-1e30, 1e30)


NOTHING_WANTED = Controls()


def nothing(category: str) -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def as_sent(fields: dict[str, Any]) -> dict[str, Any]:
    """Over HTTP and back."""
    sent: dict[str, Any] = json.loads(json.dumps(fields))
    for value in sent.values():
        for part in value if isinstance(value, list) else [value]:
            assert type(part) in {str, int, float}
    return sent


def of_catalogue(
    wanted: Controls = NOTHING_WANTED, banned: list[int] | None = None, **more: Any
) -> Assignment:
    lexicon, _ = lexicon_of([(1, 0), (2, 0)])
    plan = compile_plan(Stock(2, nothing, nothing("")), Controls(), more.pop("k", 1))
    return Assignment(
        lexicon,
        Frame(((9,), (9,)), 99),
        plan,
        "c0123456789ab",
        wanted,
        np.array(banned or [], dtype=np.int64),
        **more,
    )


@given(
    controls,
    rows,
    rows.flatmap(
        lambda r: st.tuples(st.just(r), st.lists(finite, min_size=len(r), max_size=len(r)))
    ),
    st.floats(0, 1e30),
)
def test_what_is_sent_is_read_exactly(
    wanted: Controls, banned: list[int], scored: tuple[list[int], list[float]], weight: float
) -> None:
    prior = Prior.over(np.array(scored[0], dtype=np.int64), np.array(scored[1], dtype=float))
    sent = of_catalogue(wanted, banned, prior=prior, weight=weight)
    asked = from_xargs(as_sent(to_xargs(sent)))
    assert asked
    assert (asked.source, asked.k, asked.controls) == ("c0123456789ab", 1, wanted)
    assert asked.banned.tolist() == banned
    assert asked.prior.rows.tolist() == prior.rows.tolist()
    assert asked.prior.scores.tobytes() == prior.scores.tobytes()
    assert math.copysign(1, asked.prior.floor) == math.copysign(1, prior.floor)
    assert (asked.prior.floor, asked.weight) == (prior.floor, weight)


@given(worlds(most=20))
def test_labels_are_read_as_the_same_lexicon(world: World) -> None:
    plan = compile_plan(world.stock, Controls(), 1)
    sent = Assignment(world.lexicon, world.frame, plan)
    asked = from_xargs(as_sent(to_xargs(sent)))
    assert asked
    assert isinstance(asked.source, Labels)
    assert asked.source.frame == world.frame
    assert asked.source.size == world.lexicon.size
    read = asked.source.lexicon().arrays()
    for name, array in world.lexicon.arrays().items():
        assert read[name].dtype == array.dtype
        assert read[name].tolist() == array.tolist()


def test_what_ends_a_list_is_read_exactly() -> None:
    one = of_catalogue()
    sent = replace(one, catalogue=None, closing=np.array([1]), least=1)
    fields = as_sent(to_xargs(sent))
    assert fields["listwright"] == 1
    asked = from_xargs(fields)
    assert asked
    assert isinstance(asked.source, Labels)
    assert (asked.source.closing.tolist(), asked.source.least) == ([1], 1)
    plain = to_xargs(replace(sent, closing=nothing(""), least=0))
    assert fields.keys() - plain.keys() == {"listwright_closing", "listwright_least"}


def test_no_catalogue_has_rows_that_end_a_list() -> None:
    with pytest.raises(BadParameters, match="exclude each other"):
        to_xargs(replace(of_catalogue(), closing=np.array([0])))


def test_labels_cannot_be_sent_with_controls() -> None:
    one = of_catalogue(Controls(include=("a",)))
    labels = Assignment(one.lexicon, one.frame, one.plan, None, one.controls)
    with pytest.raises(BadParameters, match="no categories"):
        to_xargs(labels)


@pytest.mark.parametrize("others", [None, {}, {"kv_transfer_params": 1}, {"list": 1}])
def test_what_is_not_ours_is_passed_over(others: dict[str, Any] | None) -> None:
    assert from_xargs(others) is None


GOOD = to_xargs(of_catalogue())
LABELS = {
    "listwright": 1,
    "listwright_k": 1,
    "listwright_tokens": [5, 0, 6, 0],
    "listwright_offsets": [0, 2, 4],
    "listwright_frame_tokens": [9],
    "listwright_frame_offsets": [0, 1],
    "listwright_end": 99,
}
HUGE = 10**400


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"listwright_k": 3}, "listwright_k"),
        (GOOD | {"listwright": 2}, "listwright"),
        (GOOD | {"listwright": True}, "listwright"),
        (GOOD | {"listwright_extra": 1}, "listwright_extra"),
        (GOOD | {"listwright_k": True}, "listwright_k"),
        (GOOD | {"listwright_k": 1.0}, "listwright_k"),
        (GOOD | {"listwright_k": 1001}, "listwright_k"),
        ({"listwright": 1, "listwright_catalogue": "c0123456789ab"}, "listwright_k"),
        ({"listwright": 1, "listwright_k": 1}, "listwright_catalogue"),
        (GOOD | {"listwright_end": 1}, "listwright_end"),
        (GOOD | {"listwright_include": "a"}, "listwright_include"),
        (GOOD | {"listwright_include": [1]}, "listwright_include"),
        (GOOD | {"listwright_include": ["a"] * 65}, "listwright_include"),
        (GOOD | {"listwright_exclude": ["a"] * 65}, "listwright_exclude"),
        (GOOD | {"listwright_shares": ["a=0.3"]}, "listwright_shares"),
        (GOOD | {"listwright_shares": ["a<=nan"]}, "listwright_shares"),
        (GOOD | {"listwright_shares": ["a<=1.5"]}, "listwright_shares"),
        (GOOD | {"listwright_shares": ["a<="]}, "listwright_shares"),
        (GOOD | {"listwright_banned": [-1]}, "listwright_banned"),
        (GOOD | {"listwright_banned": [1, "2"]}, "listwright_banned"),
        (GOOD | {"listwright_banned": [HUGE]}, "listwright_banned"),
        (GOOD | {"listwright_prior_rows": [1]}, "listwright_prior_scores"),
        (GOOD | {"listwright_prior_scores": [math.inf]}, "listwright_prior_scores"),
        (
            GOOD | {"listwright_prior_rows": [1], "listwright_prior_scores": [math.nan]},
            "listwright_prior_scores",
        ),
        (
            GOOD | {"listwright_prior_rows": [1], "listwright_prior_scores": [HUGE]},
            "listwright_prior_scores",
        ),
        (
            GOOD | {"listwright_prior_rows": [1, 1], "listwright_prior_scores": [0.0, 0.0]},
            "listwright_prior_rows",
        ),
        (GOOD | {"listwright_prior_rows": [1] * 200_001}, "listwright_prior_rows"),
        (GOOD | {"listwright_weight": -0.1}, "listwright_weight"),
        (GOOD | {"listwright_weight": math.inf}, "listwright_weight"),
        (GOOD | {"listwright_weight": "1"}, "listwright_weight"),
        (GOOD | {"listwright_weight": 1e308}, "listwright_weight"),
        (GOOD | {"listwright_shares": ["a<=0_1"]}, "listwright_shares"),
        (GOOD | {"listwright_shares": ["a<=\u0660.\u0663"]}, "listwright_shares"),
        (LABELS | {"listwright_tokens": [6, 0, 5, 0]}, "listwright_tokens"),
        (LABELS | {"listwright_tokens": [5, 5, 0, 1]}, "listwright_tokens"),
        (
            LABELS | {"listwright_offsets": [0, 1, 4], "listwright_tokens": [5, 5, 1, 2]},
            "listwright_tokens",
        ),
        (LABELS | {"listwright_offsets": [0, 0, 4]}, "listwright_offsets"),
        (LABELS | {"listwright_offsets": [0, 5, 4]}, "listwright_offsets"),
        (LABELS | {"listwright_offsets": [1, 2, 4]}, "listwright_offsets"),
        (LABELS | {"listwright_offsets": [0, 2]}, "listwright_offsets"),
        (LABELS | {"listwright_offsets": []}, "listwright_offsets"),
        (
            LABELS | {"listwright_tokens": [5] * 257, "listwright_offsets": [0, 257]},
            "listwright_offsets",
        ),
        (LABELS | {"listwright_offsets": [0] * 2002}, "listwright_offsets"),
        (LABELS | {"listwright_tokens": [5] * 64_001}, "listwright_tokens"),
        (LABELS | {"listwright_end": -1}, "listwright_end"),
        (LABELS | {"listwright_end": LABELS["listwright_tokens"][-1]}, "listwright_end"),
        (LABELS | {"listwright_end": LABELS["listwright_frame_tokens"][0]}, "listwright_end"),
        (LABELS | {"listwright_exclude": ["a"]}, "listwright_exclude"),
        (GOOD | {"listwright_closing": [0]}, "listwright_closing"),
        (GOOD | {"listwright_least": 0}, "listwright_least"),
        (LABELS | {"listwright_closing": 1}, "listwright_closing"),
        (LABELS | {"listwright_closing": [2]}, "listwright_closing"),
        (LABELS | {"listwright_closing": [-1]}, "listwright_closing"),
        (LABELS | {"listwright_closing": [0] * 2_001}, "listwright_closing"),
        (LABELS | {"listwright_least": 1}, "listwright_closing"),
        (LABELS | {"listwright_closing": [], "listwright_least": 1}, "listwright_closing"),
        (LABELS | {"listwright_closing": [1], "listwright_least": 2}, "listwright_least"),
        (LABELS | {"listwright_closing": [1], "listwright_least": -1}, "listwright_least"),
        (LABELS | {"listwright_closing": [1], "listwright_least": "1"}, "listwright_least"),
        ({k: v for k, v in LABELS.items() if k != wire_labels.END}, "listwright_end"),
        ({k: v for k, v in LABELS.items() if k != wire_labels.TOKENS}, "listwright_tokens"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], parameter: str) -> None:
    with pytest.raises(BadParameters, match=parameter) as caught:
        from_xargs(fields)
    assert caught.value.parameter == parameter
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 300


def test_a_category_that_is_named_twice_counts_once() -> None:
    twice = {"listwright_include": ["b", "a", "b"], "listwright_exclude": ["c", "c"]}
    asked = from_xargs(GOOD | twice)
    assert asked
    assert (asked.controls.include, asked.controls.exclude) == (("b", "a"), ("c",))


def test_as_many_scores_are_taken_as_the_settings_allow() -> None:
    most = next(m.le for m in Retrieval.model_fields["candidates"].metadata if hasattr(m, "le"))
    rows = 2 * most  # a retriever's and the popular ones
    asked = from_xargs(
        GOOD | {"listwright_prior_rows": [*range(rows)], "listwright_prior_scores": [-1.0] * rows}
    )
    assert asked
    assert len(asked.prior.rows) == rows


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(
    st.sampled_from([GOOD, LABELS]), st.dictionaries(st.sampled_from(sorted(wire.KNOWN)), anything)
)
def test_whatever_comes_is_read_or_refused(base: dict[str, Any], changes: dict[str, Any]) -> None:
    try:
        assert from_xargs(base | changes)
    except BadParameters as error:
        assert error.parameter in wire.KNOWN  # noqa: PT017 - either way is fine, if it is clean
