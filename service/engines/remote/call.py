"""A call to a server: what is sent where, and who reads the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.engines.remote.sse import Event
from service.ports import Spelled


class Reader(Protocol):
    """Makes the lines of a list of what a server says."""

    @property
    def lines(self) -> Sequence[Spelled]:
        """The lines so far. It only ever grows."""
        ...

    @property
    def due(self) -> bool:
        """Whether what was heard may complete a line."""
        ...

    def hear(self, choice: Event) -> int:
        """Take in one event, at no cost; how many tokens that was. EngineFailed if it is none."""
        ...

    def work(self) -> None:
        """Make lines of what was heard. That may be costly: it is not done on the event loop."""
        ...

    def end(self, *, cut: bool) -> str | None:
        """Make lines of the rest. Why the list is not complete, if it is not.

        `cut`: the server ended at a limit, not of itself.
        """
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent where, and who reads the answer."""

    path: str
    body: bytes
    reader: Reader
    brief: bool = False
    """Whether to hang up once the list is complete: what still comes would only close brackets."""
