"""Prompts read before: remembered within a bound, and of no effect but on the time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rank_conformance import weigh

from service.domain import Prompt, Sampling
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.kept import KeptPrompts
from service.engines.local.model import Beginning
from service.engines.local.runtime import Model
from service.pipeline.clock import Deadline
from service.ports import Page, Written


def prompt(number: int, length: int = 10) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (number,), tuple(range(length - 1))


def state(length: int = 10) -> Beginning:
    return Beginning(length, [], np.zeros(3))


def test_the_least_used_goes_first() -> None:
    kept = KeptPrompts(30)
    for number in range(3):
        kept.put(prompt(number), state())
    assert kept.get(prompt(0)) is not None
    kept.put(prompt(3), state())
    assert [kept.get(prompt(n)) is not None for n in range(4)] == [True, False, True, True]


def test_what_is_put_twice_counts_once() -> None:
    kept = KeptPrompts(20)
    for _ in range(5):
        kept.put(prompt(1), state())
    kept.put(prompt(2), state())
    assert kept.get(prompt(1)) is not None


def test_a_prompt_that_would_crowd_out_the_others_is_not_taken() -> None:
    kept = KeptPrompts(20)
    assert kept.takes(prompt(1, 10))
    assert not kept.takes(prompt(1, 11))
    assert not KeptPrompts(0).takes(prompt(1))


def test_the_same_tokens_cut_elsewhere_are_another_prompt() -> None:
    kept = KeptPrompts(100)
    kept.put(((1, 2), (3,)), state(3))
    assert kept.get(((1,), (2, 3))) is None


def test_nothing_is_left_after_clearing() -> None:
    kept = KeptPrompts(20)
    kept.put(prompt(1), state())
    kept.clear()
    kept.put(prompt(2), state())
    kept.put(prompt(3), state())
    assert (kept.get(prompt(1)), kept.get(prompt(2)) is None) == (None, False)


def test_a_state_recalled_says_what_was_said(model_folder: Path) -> None:
    model = Model(model_folder, threads=2, context=256)
    first, second = model.state(), model.state()
    first.append(range(100, 140))
    second.append([1, 2, 3])
    second.resume(first.beginning())
    assert np.array_equal(first.logits(), second.logits())
    second.append([5])
    assert not np.array_equal(first.logits(), second.logits())


async def write(engine: EmbeddedEngine, words: str, sampling: Sampling) -> Written:
    asked = Prompt("test/1", "You are brief.", words)
    return await engine.write(Page(asked, 12, Deadline(60), sampling))


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=1.0, seed=3)])
async def test_who_asks_again_gets_the_same_sooner(model_folder: Path, sampling: Sampling) -> None:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(kept=400))
    try:
        first = await write(engine, "Name a fruit.", sampling)
        other = await write(engine, "Name a tool.", sampling)
        again = await write(engine, "Name a fruit.", sampling)
    finally:
        await engine.close()
    assert (again.text, again.tokens) == (first.text, first.tokens)
    assert again.text != other.text
    assert again.passes < first.passes
    # How long a prompt takes to be read is not to be learnt from one that was not.
    assert (first.seconds_to_first is None, again.seconds_to_first) == (False, None)


async def test_nothing_is_kept_where_nothing_may_be(model_folder: Path) -> None:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(kept=0))
    try:
        made = [await write(engine, "Name a fruit.", Sampling()) for _ in range(2)]
    finally:
        await engine.close()
    assert made[0].passes == made[1].passes


async def test_candidates_weighed_again_weigh_the_same_at_no_cost(model_folder: Path) -> None:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(kept=2_000))
    try:
        first, other, again = [await weigh(engine, text=text) for text in ("new", "old", "new")]
    finally:
        await engine.close()
    assert again.scores.tolist() == first.scores.tolist() != other.scores.tolist()
    assert (first.passes > 0, again.passes) == (True, 0)
