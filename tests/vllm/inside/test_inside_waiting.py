"""V1 draws tokens after each part of a prompt: a speller that is not made by then is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from runner_v1 import V1Runner
from vessel import END, Library, Wish, config_of, roll_wish

from service.engines.plugin import makers, making


class Held:
    """Makes no speller until it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.made: list[int] = []
        self._plain = makers.assignment

    def __call__(self, *given: Any) -> Any:
        self.made.append(1)
        assert self.let.wait(20)
        return self._plain(*given)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    watched = Held()
    monkeypatch.setattr(makers, "assignment", watched)
    yield watched
    watched.let.set()


def steered(library: Library, seed: int) -> Wish:
    while True:
        wish = roll_wish(library, f"r{seed}", seed)
        if wish.assignment:
            return wish
        seed += 1000


def test_a_row_that_is_thrown_away_waits_for_the_speller(library: Library, held: Held) -> None:
    wish = steered(library, 3)
    runner = V1Runner(config_of(library))
    runner.add(wish)
    threading.Timer(0.3, held.let.set).start()
    started = time.monotonic()
    runner.step([wish.name], discarded=[wish.name])
    assert time.monotonic() - started > 0.2
    assert runner.written[wish.name] == []
    runner.run([wish.name])
    assert runner.finish(wish.name) == wish.plain()


def test_a_speller_that_comes_too_late_lets_nothing_free(
    library: Library, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MAKING_S", 0.1)
    wish = steered(library, 3)
    runner = V1Runner(config_of(library))
    runner.add(wish)
    runner.step([wish.name], discarded=[wish.name])
    held.let.set()
    runner.run([wish.name])
    assert runner.finish(wish.name) == [END]


def test_what_is_preempted_before_its_speller_is_made_leaves_no_work(
    library: Library, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MAKING_S", 0.1)
    wishes = [steered(library, seed) for seed in (11, 12, 13, 14)]
    runner = V1Runner(config_of(library))
    for wish in wishes:
        runner.add(wish)
    runner.step([wish.name for wish in wishes])
    for wish in wishes:
        runner.finish(wish.name)
    begun = len(held.made)
    assert begun == 2
    monkeypatch.setattr(making, "MAKING_S", 20.0)
    last = steered(library, 15)
    runner.add(last)
    threading.Timer(0.3, held.let.set).start()
    runner.run([last.name])
    assert runner.finish(last.name) == last.plain()
    assert len(held.made) == begun + 1
