"""A call to a server: what is sent where, and who reads the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from service.engines.remote.sse import Event


class Reader(Protocol):
    """Makes of what a server says whatever was asked for."""

    @property
    def due(self) -> bool:
        """Whether there is work in what was heard."""
        ...

    @property
    def complete(self) -> bool:
        """Whether nothing that may still come is needed."""
        ...

    def hear(self, choice: Event) -> int:
        """Take in one event, at no cost; how many tokens that was. EngineFailed if it is none."""
        ...

    def work(self) -> None:
        """Make what can be made of what was heard. That may be costly: not on the event loop."""
        ...

    def end(self, *, cut: bool) -> str | None:
        """Make what can be made of the rest. Why that is not all, if it is not.

        `cut`: the server ended at a limit, not of itself.
        """
        ...


R_co = TypeVar("R_co", bound=Reader, covariant=True)


class Sent(NamedTuple):
    """What is sent where."""

    path: str
    body: bytes
    prompt: int | None = None
    """Tokens of the prompt in it; None where only the server can count them."""


@dataclass(frozen=True, slots=True)
class Call(Generic[R_co]):
    """What is sent where, and who reads the answer."""

    sent: Sent
    reader: R_co
    brief: bool = False
    """Whether to hang up once all is there: what still comes would only close brackets."""
