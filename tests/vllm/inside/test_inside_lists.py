"""Random batches under both of vLLM's runners, against the speller alone."""

from __future__ import annotations

import numpy as np
import pytest
from runner_v1 import V1Runner
from runner_v2 import V2Runner, without_gpu
from vessel import Library, Wish, config_of, roll_wish

BATCHES = range(25)


def wishes(library: Library, batch: int) -> list[Wish]:
    dice = np.random.default_rng(batch)
    seeds = dice.integers(0, 2**31, dice.integers(1, 13)).tolist()
    return [roll_wish(library, f"r{place}", seed) for place, seed in enumerate(seeds)]


def compare(runner: V1Runner | V2Runner, batch: list[Wish], dice: np.random.Generator) -> None:
    """Requests come, pause, come again and go at random; every list is what it should be."""
    waiting, running = list(batch), dict[str, Wish]()
    while waiting or running:
        if waiting and dice.random() < 0.5:
            wish = waiting.pop()
            running[wish.name] = wish
            runner.add(wish)
        scheduled = [name for name in dice.permutation(list(running)) if dice.random() < 0.85]
        if scheduled:
            step = step_v1 if isinstance(runner, V1Runner) else step_v2
            step(runner, scheduled, dice)
        for name in list(running):
            if ended(running[name], runner.written[name]):
                judge(running.pop(name), runner.finish(name))


def step_v1(runner: V1Runner, scheduled: list[str], dice: np.random.Generator) -> None:
    """Some places are swapped; some are reading their prompt, and what is sampled is dropped."""
    swaps = [tuple(dice.choice(scheduled, 2, replace=False))] if len(scheduled) > 1 else []
    runner.step(scheduled, swaps=swaps, discarded=first_few(runner.written, scheduled, dice))


def step_v2(runner: V2Runner, scheduled: list[str], dice: np.random.Generator) -> None:
    """Who is not scheduled is preempted, and comes again in any slot."""
    for name in sorted(set(runner.written) - set(scheduled)):
        runner.preempt(name)
        runner.enter(name)
    runner.step(scheduled, reading=first_few(runner.written, scheduled, dice))


def first_few(
    written: dict[str, list[int]], scheduled: list[str], dice: np.random.Generator
) -> list[str]:
    return [name for name in scheduled if not written[name] and dice.random() < 0.2]


def ended(wish: Wish, written: list[int]) -> bool:
    return 2 in written if wish.assignment else len(written) == 10


def judge(wish: Wish, written: list[int]) -> None:
    if wish.assignment is None:
        assert written == [int(wish.logits(place).argmax()) for place in range(10)]
        return
    wish.check(written)
    assert written == wish.plain()


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_v1_writes_what_the_speller_alone_would(
    library: Library, batch: int, *, asynchronous: bool
) -> None:
    runner = V1Runner(config_of(library, asynchronous=asynchronous))
    compare(runner, wishes(library, batch), np.random.default_rng(batch))


@pytest.mark.parametrize("batch", BATCHES)
def test_v2_writes_what_the_speller_alone_would(library: Library, batch: int) -> None:
    with without_gpu():
        runner = V2Runner(config_of(library))
        compare(runner, wishes(library, batch), np.random.default_rng(batch))
