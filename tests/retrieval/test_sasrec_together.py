from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

import pytest

from service.retrieval.sasrec_together import MOST, Together

SOON = 20


class Gate:
    """A function of many questions that waits to be let through, batch by batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = Event()
        self.open = Event()
        self.lock = Lock()

    def __call__(self, questions: Sequence[int]) -> list[int]:
        with self.lock:
            self.batches.append(list(questions))
        self.entered.set()
        assert self.open.wait(SOON)
        if -1 in questions:
            raise LookupError("minus one")
        return [10 * question for question in questions]


def queued(together: Together[int, int], count: int) -> None:
    """Wait until so many stand in line."""
    for _ in range(SOON * 1000):
        with together._lock:
            if len(together._waiting) == count:
                return
        Event().wait(0.001)
    raise AssertionError(f"never were {count} waiting")


def ask_behind(
    pool: ThreadPoolExecutor, together: Together[int, int], gate: Gate, questions: Sequence[int]
) -> tuple[Future[int], list[Future[int]]]:
    """One question that is being answered, and others in line behind it."""
    first = pool.submit(together.ask, 1)
    assert gate.entered.wait(SOON)
    others = []
    for place, question in enumerate(questions):
        others.append(pool.submit(together.ask, question))
        queued(together, place + 1)
    return first, others


def test_who_asks_alone_is_answered_at_once() -> None:
    gate = Gate()
    gate.open.set()
    together = Together(gate)
    assert [together.ask(n) for n in range(3)] == [0, 10, 20]
    assert gate.batches == [[0], [1], [2]]


def test_who_comes_meanwhile_is_answered_together() -> None:
    gate = Gate()
    together = Together(gate)
    with ThreadPoolExecutor(8) as pool:
        first, others = ask_behind(pool, together, gate, [2, 3, 4, 5])
        gate.open.set()
        assert first.result(SOON) == 10
        assert [other.result(SOON) for other in others] == [20, 30, 40, 50]
    assert gate.batches == [[1], [2, 3, 4, 5]]


def test_a_batch_is_not_larger_than_it_may_be() -> None:
    gate = Gate()
    together = Together(gate)
    with ThreadPoolExecutor(64) as pool:
        _, others = ask_behind(pool, together, gate, range(2, MOST + 5))
        gate.open.set()
        assert [other.result(SOON) for other in others] == [10 * n for n in range(2, MOST + 5)]
    assert [len(batch) for batch in gate.batches] == [1, MOST, 3]


def test_an_error_reaches_all_who_were_asked_about_together_and_nobody_else() -> None:
    gate = Gate()
    together = Together(gate)
    with ThreadPoolExecutor(8) as pool:
        first, others = ask_behind(pool, together, gate, [2, -1, 3])
        gate.open.set()
        assert first.result(SOON) == 10
        for other in others:
            with pytest.raises(LookupError, match="minus one"):
                other.result(SOON)
        assert together.ask(4) == 40


def test_an_answer_too_few_is_an_error_and_not_a_wait() -> None:
    together: Together[int, int] = Together(lambda _questions: [])
    with pytest.raises(ValueError, match="shorter"):
        together.ask(1)
    with pytest.raises(ValueError, match="shorter"):
        together.ask(2)


class Interrupted(BaseException):
    pass


class Wakes:
    """In place of an event: wakes when told, with an interruption."""

    def __init__(self) -> None:
        self.interrupt = Event()

    def set(self) -> None:
        self.interrupt.set()

    def wait(self) -> None:
        assert self.interrupt.wait(SOON)
        raise Interrupted


@pytest.mark.parametrize("when", ["in line", "its turn"])
def test_who_is_interrupted_holds_nobody_up(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    together = Together(gate)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together.ask, 1)
        assert gate.entered.wait(SOON)
        wakes = Wakes()
        with monkeypatch.context() as patched:
            patched.setattr("service.retrieval.sasrec_together.Event", lambda: wakes)
            gone = pool.submit(together.ask, 2)
            queued(together, 1)
        other = pool.submit(together.ask, 3)
        queued(together, 2)
        if when == "in line":
            wakes.interrupt.set()
            queued(together, 1)
        gate.open.set()
        with pytest.raises(Interrupted):
            gone.result(SOON)
        assert first.result(SOON) == 10
        assert other.result(SOON) == 30
        assert together.ask(4) == 40
    assert gate.batches == [[1], [3], [4]]


def test_a_crowd_gets_each_its_own_answer() -> None:
    sizes: list[int] = []

    def twice(questions: Sequence[int]) -> list[int]:
        sizes.append(len(questions))
        return [2 * question for question in questions]

    together = Together(twice)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(together.ask, range(3000))) == [2 * n for n in range(3000)]
    assert sum(sizes) == 3000
