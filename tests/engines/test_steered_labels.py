"""Labels inside vLLM that end their list: as they are asked for, written and refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steering_world import lexicon_of
from test_steered import END, ESCAPE, VOCABULARY, params, write

from service.domain import Controls
from service.engines.plugin.admission import PROBE, Front, NoVersions
from service.engines.plugin.makers import Makers
from service.engines.wire.parameters import to_xargs
from service.errors import BadParameters
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame
from service.steering.plan import Stock, compile_plan

LINE_END = 0


def labels(count: int, k: int, closing: list[int], least: int = 0) -> Assignment:
    lexicon, _ = lexicon_of([(n + 1, LINE_END) for n in range(count)])
    none = np.zeros(0, dtype=np.int64)
    plan = compile_plan(Stock(count, {}.__getitem__, none), Controls(), k)
    frame = Frame(((),) * k, END)
    return Assignment(lexicon, frame, plan, closing=np.array(closing, dtype=int), least=least)


@given(st.integers(2, 9), st.integers(0, 3), st.integers(0, 99))
def test_a_list_is_ended_inside_as_outside(count: int, least: int, seed: int) -> None:
    least = min(least, count - 1)
    asked = labels(count, count, [0], least)
    sent = params(to_xargs(asked))
    Front(NoVersions()).check(sent)
    steered = Makers(NoVersions(), VOCABULARY, ESCAPE).admit(sent)
    assert steered
    written = write(steered, np.random.default_rng(seed))
    speller = asked.speller()
    for token in written:
        speller.push(token)
    assert speller.done
    rows = speller.rows
    assert 0 not in rows[:least]
    assert rows[-1] == 0 or len(rows) == count
    assert steered.offer() == END


@pytest.mark.parametrize(
    ("changes", "most", "at_fault"),
    [
        ({}, 5, None),
        ({}, 4, "max_tokens"),
        ({"closing": [1]}, 2, None),
        ({"closing": [1], "least": 1}, 3, None),
        ({"closing": [1], "least": 1}, 2, "max_tokens"),
        ({"closing": [1], "least": 3}, PROBE, None),
        ({"closing": [1], "least": 3, "banned": [1]}, None, None),
        ({"closing": [1], "least": 3, "banned": [2]}, None, "listwright_least"),
        ({"closing": [4]}, None, "listwright_closing"),
    ],
)
def test_what_is_let_through(
    changes: dict[str, Any], most: int | None, at_fault: str | None
) -> None:
    sent = to_xargs(labels(4, 4 if not changes else 3, []))
    sent |= {f"listwright_{name}": value for name, value in changes.items()}
    front = Front(NoVersions())
    if at_fault is None:
        front.check(params(sent, max_tokens=most))
        return
    with pytest.raises(BadParameters) as caught:
        front.check(params(sent, max_tokens=most))
    assert caught.value.parameter == at_fault
