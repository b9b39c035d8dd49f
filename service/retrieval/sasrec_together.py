"""Questions that come at the same time are answered together.

That is so where threads ask: when there are words, many items or long lists. A short list over a
small catalogue is made on the event loop, where nobody else can ask meanwhile.

Who asks while nothing is running is answered at once, alone or not. Who asks while a batch is
running is in the next one, which the first of them runs: so nobody ever waits to be joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock
from typing import Final, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST: Final = 16
"""Questions in a batch: more would have the first wait longer than they save."""


class _Place(Generic[Question, Answer]):
    """Somebody who waits; woken with an answer, an error, or to run the next batch."""

    __slots__ = ("answer", "error", "question", "runs", "woken")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.woken = Event()
        self.runs = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None


class Together(Generic[Question, Answer]):
    """Calls a function of many questions from threads that have one each."""

    def __init__(self, answers: Callable[[Sequence[Question]], Iterable[Answer]]) -> None:
        self._answers = answers
        self._lock = Lock()
        self._waiting: list[_Place[Question, Answer]] = []
        self._running = False

    def ask(self, question: Question) -> Answer:
        """The answer; or the error that the function raised for those asked about together."""
        place: _Place[Question, Answer] = _Place(question)
        with self._lock:
            self._waiting.append(place)
            if not self._running:
                self._running = place.runs = True
        if not place.runs:
            self._wait(place)
        if place.runs:
            self._run()
        if place.error is not None:
            raise place.error
        return place.answer  # type: ignore[return-value]  # there is one where there is no error

    def _wait(self, place: _Place[Question, Answer]) -> None:
        try:
            place.woken.wait()
        except BaseException:
            # Interrupted: nobody may count on this thread any more.
            with self._lock:
                if place in self._waiting:
                    self._waiting.remove(place)
                if place.runs:
                    self._hand_on()
            raise

    def _run(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            answers = self._answers([place.question for place in batch])
            for place, answer in zip(batch, answers, strict=True):
                place.answer = answer
        except BaseException as error:  # noqa: BLE001 - raised again for each who asked
            for place in batch:
                place.error = error
        finally:
            with self._lock:
                self._hand_on()
            for place in batch:
                place.runs = False
                place.woken.set()

    def _hand_on(self) -> None:
        """Let the first who waits run the next batch; under the lock."""
        self._running = bool(self._waiting)
        if self._waiting:
            self._waiting[0].runs = True
            self._waiting[0].woken.set()
