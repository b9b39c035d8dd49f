"""Hearing out a server that spells a list: what all engines behind HTTP have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from service.domain import Prompt, Sampling
from service.engines.places import Places
from service.engines.server import Server
from service.engines.sse import Event, Events
from service.errors import EngineError, EngineFailed, EngineTimeout
from service.ports import Deadline, Decoding, Spelled, Tell
from service.steering.assignment import Assignment

LATE: Final = "the deadline came"


@dataclass(frozen=True, slots=True)
class Job:
    """One list to be made, as an engine is asked for it."""

    prompt: Prompt
    assignment: Assignment
    sampling: Sampling
    deadline: Deadline
    tell: Tell


def draws(sampling: Sampling) -> dict[str, Any]:
    """How tokens are drawn, as servers are told.

    Where nothing is drawn no seed is sent: servers keep a generator for each seeded request, and
    vLLM 0.32 on CPU ends when the prompt of one is read in parts.
    """
    seeded = {"seed": sampling.seed} if sampling.temperature > 0 else {}
    return {"temperature": sampling.temperature} | seeded


class Reader(Protocol):
    """Makes the lines of a list of what a server says."""

    @property
    def told(self) -> Sequence[Spelled]:
        """The lines so far; they have been told."""
        ...

    @property
    def complete(self) -> bool:
        """Whether no more lines are wanted."""
        ...

    def read(self, choice: Event) -> int:
        """Read on; how many tokens that was. EngineFailed if it cannot be a list any more."""
        ...

    def end(self) -> str | None:
        """The server has ended. Why the list is not complete, if it is not."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent where, and who reads the answer."""

    path: str
    body: bytes
    reader: Reader
    brief: bool = False
    """Whether to hang up once the list is complete: what still comes would only close brackets."""


@dataclass(slots=True)
class _Taken:
    """What an answer has taken so far."""

    question: Question | None = None
    began: float = field(default_factory=time.perf_counter)
    to_first: float | None = None
    tokens: int = 0

    def decoding(self, stopped: str | None) -> Decoding:
        """What there is. What went wrong after the last line has cost nothing."""
        reader = self.question.reader if self.question else None
        return Decoding(
            lines=tuple(reader.told) if reader else (),
            tokens=self.tokens,
            passes=self.tokens,
            stopped=None if reader and reader.complete else stopped,
            seconds_to_first=self.to_first,
            seconds=time.perf_counter() - self.began,
        )


async def hear_out(
    server: Server, places: Places, ask: Callable[[], Question], deadline: Deadline
) -> Decoding:
    """Ask, and read until the list is complete or there is no going on.

    What is there by then is a list, if a short one; without a line, the error stands.
    """
    taken = _Taken()
    cause: EngineError
    try:
        async with asyncio.timeout(deadline.remaining()), places.one():
            # Spellers and bodies are made of whole catalogues: not on the event loop.
            taken.question = await asyncio.to_thread(ask)
            taken.began = time.perf_counter()
            stopped = await _listen(server, taken.question, taken)
            cause = EngineFailed(stopped or "the list is empty")
    except TimeoutError:
        stopped, cause = LATE, EngineTimeout(f"{LATE} before the first line")
    except EngineError as error:
        stopped, cause = error.message, error
    made = taken.decoding(stopped)
    if not made.lines:
        raise cause
    return made


async def _listen(server: Server, question: Question, taken: _Taken) -> str | None:
    reader, finish = question.reader, None
    async with server.stream(question.path, question.body) as response:
        events = Events(response, server.name)
        async for event in events:
            if (choice := _choice(event, server.name)) is None:
                continue
            if taken.to_first is None:
                taken.to_first = time.perf_counter() - taken.began
            taken.tokens += reader.read(choice)
            finish = choice.get("finish_reason") or finish
            if question.brief and reader.complete:
                return None
    if not (events.done or finish):
        raise EngineFailed(f"the reply of the server at {server.name} was cut short")
    return "the model's context was full" if finish == "length" else reader.end()


def _choice(event: Event, server: str) -> dict[str, Any] | None:
    """The one answer an event is about; none in those that only count."""
    choices = event.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise EngineFailed(f"the server at {server} sends events of another shape")
    return choices[0] if choices else None
