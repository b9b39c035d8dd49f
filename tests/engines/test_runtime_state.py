from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from service.engines.local.runtime import Model
from service.errors import EngineFailed


@pytest.fixture(scope="module")
def model(model_folder: Path) -> Model:
    return Model(model_folder, threads=2, context=256)


def test_a_state_resumed_says_bit_for_bit_what_a_fresh_one_says(model: Model) -> None:
    fresh, used = model.state(), model.state()
    for state in (fresh, used):
        state.append(range(100, 140))
    kept = used.beginning()
    used.append(range(500, 600))
    used.clear()
    used.append(range(300, 400))
    used.resume(kept)
    assert used.length == 40
    for state in (fresh, used):
        state.append([7, 8, 9])
    assert np.array_equal(fresh.logits(), used.logits())


@pytest.mark.parametrize("tokens", [[], [-1], [10**8], [5] * 257])
def test_tokens_the_model_does_not_have_or_hold_are_refused(
    model: Model, tokens: list[int]
) -> None:
    state = model.state()
    with pytest.raises(EngineFailed):
        state.append(tokens)
    state.append([1])
    assert state.length == 1


def test_a_state_that_forgot_everything_is_as_good_as_new(model: Model) -> None:
    fresh, used = model.state(), model.state()
    used.append(range(500, 600))
    used.clear()
    for state in (fresh, used):
        state.append(range(100, 140))
    assert np.array_equal(fresh.logits(), used.logits())


def test_other_threads_run_during_a_pass(model: Model) -> None:
    state = model.state()
    reading = threading.Thread(target=state.append, args=(range(100, 350),))
    reading.start()
    turns = 0
    while reading.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 10
