"""A server's reply, read until it is a list: what all engines behind HTTP have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from service.domain import Sampling
from service.engines.remote.call import Call, Reader
from service.engines.remote.places import Places
from service.engines.remote.server import Server
from service.engines.remote.silence import Drought, Pulse, unless_hung
from service.engines.remote.sse import Event, Events
from service.engines.remote.watch import Watch
from service.errors import EngineError, EngineFailed, EngineTimeout
from service.ports import Decoding, Job, Spelled

LATE: Final = "the deadline came"

LINGER_S: Final = 1.0
"""How long a reply may go on after its list has ended, so that its connection is kept."""


@dataclass(frozen=True, slots=True)
class Access:
    """One server, as an engine uses it."""

    server: Server
    places: Places
    watch: Watch
    salt: str | None = None
    """Keeps what the server remembers of these prompts from those who salt otherwise."""
    drought: Drought = field(default_factory=Drought)
    """Of all its lists."""

    def settings(self, sampling: Sampling) -> dict[str, Any]:
        """How tokens are drawn and prompts are kept, as servers are told.

        Where nothing is drawn no seed is sent: servers keep a generator for each seeded request,
        and vLLM 0.32 on CPU ends when the prompt of one is read in parts.
        """
        drawn = {"temperature": sampling.temperature}
        seeded = {"seed": sampling.seed} if sampling.temperature > 0 else {}
        salted = {"cache_salt": self.salt} if self.salt else {}
        return drawn | seeded | salted


@dataclass(slots=True)
class _Taken:
    """What a reply has come to so far."""

    job: Job
    drought: Drought
    pulse: Pulse = field(default_factory=Pulse)
    began: float = field(default_factory=time.perf_counter)
    to_first: float | None = None
    tokens: int = 0
    lines: list[Spelled] = field(default_factory=list)
    """The lines that were told."""

    @property
    def complete(self) -> bool:
        return len(self.lines) == self.job.assignment.k

    def beat(self) -> None:
        """Note that the server decodes."""
        self.pulse.beat()
        self.drought.end()

    def count(self, tokens: int) -> None:
        """Note that tokens came."""
        if self.to_first is None:
            self.to_first = time.perf_counter() - self.began
        self.tokens += tokens

    def tell(self, reader: Reader) -> None:
        """Tell of the lines that have not been told."""
        for line in reader.lines[len(self.lines) :]:
            self.lines.append(line)
            self.job.tell(line)

    def decoding(self, stopped: str | None, fault: EngineError | None) -> Decoding:
        """What there is. What went wrong after the last line has cost nothing."""
        if self.complete:
            stopped = fault = None
        return Decoding(
            lines=tuple(self.lines),
            tokens=self.tokens,
            passes=self.tokens,
            stopped=stopped,
            seconds_to_first=self.to_first,
            seconds=time.perf_counter() - self.began,
            fault=fault,
        )


async def hear_out(access: Access, ask: Callable[[], Call], job: Job) -> Decoding:
    """Ask, and read until the list is complete or there is no going on.

    What is there by then is a list, if a short one; without a line, the error stands.
    """
    taken = _Taken(job, access.drought)
    cause: EngineError
    fault: EngineError | None = None
    limit = asyncio.timeout(job.deadline.remaining())
    try:
        async with limit, access.places.one():
            # It may have been found to hang while this waited.
            if access.watch.standing.trouble is not None:
                raise EngineFailed(access.watch.standing.trouble)
            # Spellers and bodies are made of whole catalogues: not on the event loop.
            call = await asyncio.to_thread(ask)
            taken.began = time.perf_counter()
            taken.pulse.beat()
            listening = _listen(access.server, call, taken)
            stopped = await unless_hung(access.watch, taken.pulse, listening)
            cause = EngineFailed(stopped or "the list is empty")
    except TimeoutError:
        if not limit.expired():
            raise
        stopped, cause = LATE, EngineTimeout(f"{LATE} before the first line")
    except EngineError as error:
        stopped, cause, fault = error.message, error, error
    made = taken.decoding(stopped, fault)
    if not made.lines:
        raise cause
    return made


async def _listen(server: Server, call: Call, taken: _Taken) -> str | None:
    async with server.stream(call.path, call.body) as response:
        taken.pulse.beat()
        # Not before: a server that refuses a list owes it no token.
        with taken.drought.suffered():
            return await _heard(Events(response), call, taken)


async def _heard(events: Events, call: Call, taken: _Taken) -> str | None:
    reader = call.reader
    async for event in events:
        taken.beat()
        if (choice := _choice(event)) is None:
            continue
        taken.count(reader.hear(choice))
        if finish := choice.get("finish_reason"):
            why = await _made(reader, taken, lambda: reader.end(cut=finish == "length"))
            await _seen_off(events)
            return why
        if reader.due:
            await _made(reader, taken, reader.work)
            if call.brief and taken.complete:
                return None
    if not events.done:
        raise EngineFailed("the reply of the engine's server was cut short")
    return await _made(reader, taken, lambda: reader.end(cut=False))


async def _seen_off(events: Events) -> None:
    """Hear the rest of a reply whose list has ended, if it comes soon; nothing of it counts."""
    with suppress(TimeoutError, EngineError):
        async with asyncio.timeout(LINGER_S):
            async for _ in events:
                pass


async def _made(reader: Reader, taken: _Taken, work: Callable[[], str | None]) -> str | None:
    """Have lines made in a thread, and tell of them here."""
    try:
        why = await asyncio.to_thread(work)
    except EngineError:
        taken.tell(reader)
        raise
    taken.tell(reader)
    return why


def _choice(event: Event) -> dict[str, Any] | None:
    """The one answer an event is about; none in those that only count."""
    choices = event.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise EngineFailed("the engine's server sends events of another shape")
    return choices[0] if choices else None
