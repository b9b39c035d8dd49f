"""A job for a server: one list to be made, the question that asks for it, who reads the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from service.domain import Prompt, Sampling
from service.engines.sse import Event
from service.ports import Deadline, Spelled, Tell
from service.steering.assignment import Assignment


@dataclass(frozen=True, slots=True)
class Job:
    """One list to be made, as an engine is asked for it."""

    prompt: Prompt
    assignment: Assignment
    sampling: Sampling
    deadline: Deadline
    tell: Tell
    salt: str | None = None
    """Keeps what the server remembers of this prompt from those who salt otherwise."""

    def settings(self) -> dict[str, Any]:
        """How tokens are drawn and prompts are kept, as servers are told.

        Where nothing is drawn no seed is sent: servers keep a generator for each seeded request,
        and vLLM 0.32 on CPU ends when the prompt of one is read in parts.
        """
        drawn = {"temperature": self.sampling.temperature}
        seeded = {"seed": self.sampling.seed} if self.sampling.temperature > 0 else {}
        salted = {"cache_salt": self.salt} if self.salt else {}
        return drawn | seeded | salted


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
class Question:
    """What is sent where, and who reads the answer."""

    path: str
    body: bytes
    reader: Reader
    brief: bool = False
    """Whether to hang up once the list is complete: what still comes would only close brackets."""
