"""Work for requests that have left the batch is not done; what a step waits for comes first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from steering_world import END, World

from service.domain import Controls
from service.engines.plugin import workshop as workshop_module
from service.engines.plugin.asked_plan import Spellable
from service.engines.plugin.makers import Makers
from service.engines.plugin.steered import Steered
from service.engines.plugin.workshop import MAKERS
from service.engines.wire.parameters import to_xargs
from service.steering.assignment import Assignment
from service.steering.plan import compile_plan

SLOW = tuple(f"c{number:012x}" for number in range(MAKERS))
DEAD = "cdeadc0ffee00"
OTHER = "cfeedc0ffee00"
LIVE = "c0123456789ab"


class Watched:
    """One world under any name; notes who is made, and holds the slow ones until it is let."""

    def __init__(self) -> None:
        self.world = World(((1, 0), (2, 0), (3, 0)), {}, frozenset(), Controls(), 2)
        self.let = threading.Event()
        self.made: list[str] = []

    def at_hand(self, version: str) -> Spellable | None:
        self.made.append(version)
        assert version not in SLOW or self.let.wait(20)
        return self.volume(version)

    def volume(self, _version: str) -> Spellable:
        world = self.world
        return SimpleNamespace(
            size=len(world.titles),
            lexicon=world.lexicon,
            frame=world.frame,
            postings=world.postings,
        )

    def params(self, version: str) -> Any:
        world = self.world
        plan = compile_plan(world.stock, world.controls, world.k)
        plain = Assignment(world.lexicon, world.frame, plan, version)
        extra_args = to_xargs(replace(plain, prior=world.prior, weight=1.0))
        return SimpleNamespace(extra_args=extra_args, all_stop_token_ids={END}, temperature=0.0)


@pytest.fixture
def versions() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.let.set()


def admitted(makers: Makers, versions: Watched, version: str) -> Steered:
    steered = makers.admit(versions.params(version))
    assert steered
    return steered


def busy(versions: Watched) -> tuple[Makers, list[Steered]]:
    """Makers that all hold something slow."""
    makers = Makers(versions, 100, END)
    slow = [admitted(makers, versions, version) for version in SLOW]
    wait_until(lambda: len(versions.made) == MAKERS)
    return makers, slow


def test_what_left_the_batch_is_not_made(versions: Watched) -> None:
    makers, slow = busy(versions)
    for _ in range(64):
        admitted(makers, versions, DEAD)
    live = admitted(makers, versions, LIVE)
    versions.let.set()
    assert live.offer() != END
    assert {each.offer() != END for each in slow} == {True}
    assert DEAD not in versions.made
    assert versions.made.count(LIVE) == 1


def test_what_is_waited_for_comes_first(versions: Watched) -> None:
    makers, _slow = busy(versions)
    others = [admitted(makers, versions, OTHER) for _ in range(64)]
    live = admitted(makers, versions, LIVE)
    offers: list[Any] = []
    step = threading.Thread(target=lambda: offers.append(live.offer()))
    step.start()
    wait_until(lambda: live._making.wanted)
    versions.let.set()
    step.join(20)
    assert offers
    assert versions.made[MAKERS] == LIVE
    assert {each.offer() != END for each in others} == {True}


def test_each_is_made_in_the_order_it_came(
    versions: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop_module, "MAKERS", 1)
    makers = Makers(versions, 100, END)
    names = [SLOW[0], *(f"c{number:012x}" for number in range(100, 120))]
    queued = [admitted(makers, versions, name) for name in names]
    versions.let.set()
    wait_until(lambda: all(each._making.promise.done() for each in queued))
    assert versions.made == names


class Closed(Watched):
    """Its slow ones have to be opened."""

    def at_hand(self, version: str) -> Spellable | None:
        self.made.append(version)
        return None

    def volume(self, version: str) -> Spellable:
        assert self.let.wait(20)
        return super().volume(version)


def test_what_left_while_its_version_was_opened_is_not_made_either() -> None:
    closed = Closed()
    makers = Makers(closed, 100, END)
    dead, live = admitted(makers, closed, LIVE), admitted(makers, closed, LIVE)
    wait_until(lambda: closed.made == [LIVE] * 2)
    promise = dead._making.promise
    wait_until(lambda: not makers._workshop._pool._work_queue.qsize())
    del dead
    closed.let.set()
    assert live.offer() != END
    time.sleep(0.05)
    assert not promise.done()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)
