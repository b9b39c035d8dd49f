"""The chooser: candidates out of the numbers that a model names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from service.engines.remote.numerals import LONGEST_TEXT, Numerals
from service.engines.remote.sse import Event, answered
from service.engines.text.prose import CUT
from service.ports import Spelled
from service.steering.assignment import Assignment
from service.steering.wanted import Wanted

_AFTER_A_NUMBER: Final = frozenset(",] \t\r\n")


class Chooser:
    """Reads numbers as candidates. What may not stand is passed over: it is repaired elsewhere."""

    wanted: Mapping[Wanted, int] = MappingProxyType({})
    """Nothing is known of that: no plan but the server's schema rules what the model says."""

    forced: Final = 0
    """Nor of that."""

    def __init__(self, assignment: Assignment) -> None:
        self._rows = dict(enumerate(assignment.shown.tolist(), start=assignment.first))
        self._progress = assignment.progress()
        self._fewest = assignment.fewest
        self._numerals = Numerals()
        self._ahead: list[str] = []
        self._length = 0
        self.due = False
        """Whether a number may have ended."""
        self._lines: list[Spelled] = []

    @property
    def lines(self) -> Sequence[Spelled]:
        """The candidates chosen so far."""
        return self._lines

    @property
    def complete(self) -> bool:
        """Whether no other candidate may be chosen."""
        return self._progress.complete

    def hear(self, choice: Event) -> int:
        """Note the next piece of the answer."""
        said = answered(choice)
        if not isinstance(said, str) or not said:
            return 0
        self._ahead.append(said)
        self._length += len(said)
        # Only what is new is looked at: this is asked at every event.
        self.due = self.due or not _AFTER_A_NUMBER.isdisjoint(said) or self._length > LONGEST_TEXT
        return 1

    def work(self) -> None:
        """Take the candidates whose numbers have ended."""
        said, self._ahead = "".join(self._ahead), []
        self._length, self.due = 0, False
        self._take(self._numerals.read(said))

    def end(self, *, cut: bool) -> str | None:
        """Take what is left. Why there are fewer than asked for, if there are."""
        self.work()
        self._take(self._numerals.end())
        if self.complete:
            return None
        if cut:
            return CUT
        if len(self._lines) >= self._fewest:
            return None
        return f"the model named {len(self._lines)} candidates that may stand"

    def _take(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            row = self._rows.get(number)
            if row is not None and self._progress.may_take(row):
                self._progress.take(row)
                self._lines.append(Spelled(row, None))
