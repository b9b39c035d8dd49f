"""A server's reply, read to its end: what lists and texts from behind HTTP have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from service.domain import Sampling
from service.engines.remote.call import Call, Reader
from service.engines.remote.places import Places
from service.engines.remote.server import Server
from service.engines.remote.silence import Drought, Pulse, unless_hung
from service.engines.remote.sse import Event, Events
from service.engines.remote.watch import Watch
from service.errors import EngineError, EngineFailed, EngineTimeout
from service.ports import Deadline

LATE: Final = "the deadline came"

LINGER_S: Final = 1.0
"""How long a reply may go on after what was asked for has ended, so that its connection is kept."""

R = TypeVar("R", bound=Reader)


@dataclass(frozen=True, slots=True)
class Access:
    """One server, as an engine uses it."""

    server: Server
    places: Places
    watch: Watch
    salt: str | None = None
    """Keeps what the server remembers of these prompts from those who salt otherwise."""
    drought: Drought = field(default_factory=Drought)
    """Of all that is asked of it."""

    def settings(self, sampling: Sampling) -> dict[str, Any]:
        """How tokens are drawn and prompts are kept, as servers are told.

        Where nothing is drawn no seed is sent: servers keep a generator for each seeded request,
        and vLLM 0.32 on CPU ends when the prompt of one is read in parts.
        """
        drawn = {"temperature": sampling.temperature}
        seeded = {"seed": sampling.seed} if sampling.temperature > 0 else {}
        salted = {"cache_salt": self.salt} if self.salt else {}
        return drawn | seeded | salted


@dataclass(frozen=True, slots=True)
class Asking(Generic[R]):
    """What is wanted of a server, until when, and who hears of it while it comes."""

    call: Callable[[], Call[R]]
    """Made in a thread: spellers and bodies are made of whole catalogues."""
    deadline: Deadline
    tell: Callable[[R], None] = lambda _reader: None
    """Called on the event loop whenever the reader has worked."""


@dataclass(slots=True)
class Heard:
    """What a reply has come to, so far or in the end."""

    complete: bool = False
    """Whether all that was asked for has been told."""
    tokens: int = 0
    to_first: float | None = None
    began: float = field(default_factory=time.perf_counter)
    stopped: str | None = None
    """What ended it too soon."""
    error: EngineError | None = None
    """The error which that was, if it was one."""
    pulse: Pulse = field(default_factory=Pulse)

    def begin(self) -> None:
        """The server is about to be asked; what was waited before does not count."""
        self.began = time.perf_counter()
        self.pulse.beat()

    def count(self, tokens: int) -> None:
        """Note that tokens came."""
        if self.to_first is None:
            self.to_first = time.perf_counter() - self.began
        self.tokens += tokens

    def end(self, stopped: str | None, error: EngineError | None = None) -> None:
        """Note what ended it. What goes wrong after all was there has cost nothing."""
        if not self.complete:
            self.stopped, self.error = stopped, error

    def nothing(self, what: str) -> EngineError:
        """The error for a reply of which not one line, or word, has come."""
        if self.error is not None:
            return self.error
        if self.stopped == LATE:
            return EngineTimeout(f"{LATE} before the first {what}")
        return EngineFailed(self.stopped or f"the reply of the model's server has no {what}")

    @property
    def seconds(self) -> float:
        """Since the server was asked."""
        return time.perf_counter() - self.began


async def hear_out(access: Access, asking: Asking[R]) -> Heard:
    """Ask, and read until all is there or there is no going on: what that was stands in it."""
    heard = Heard()
    limit = asyncio.timeout(asking.deadline.remaining())
    try:
        async with limit, access.places.one():
            # It may have been found to hang while this waited.
            if access.watch.standing.trouble is not None:
                raise EngineFailed(access.watch.standing.trouble)
            call = await asyncio.to_thread(asking.call)
            heard.begin()
            listening = _Listening(access, call, asking, heard).listen()
            heard.end(await unless_hung(access.watch, heard.pulse, listening))
    except TimeoutError:
        if not limit.expired():
            raise
        heard.end(LATE)
    except EngineError as error:
        heard.end(error.message, error)
    return heard


@dataclass(frozen=True, slots=True)
class _Listening(Generic[R]):
    access: Access
    call: Call[R]
    asking: Asking[R]
    heard: Heard

    async def listen(self) -> str | None:
        """What ended the reply too soon, if anything did."""
        async with self.access.server.stream(self.call.path, self.call.body) as response:
            self.heard.pulse.beat()
            # Not before: a server that refuses a request owes it no token.
            with self.access.drought.suffered():
                return await self._hear(Events(response))

    async def _hear(self, events: Events) -> str | None:
        reader = self.call.reader
        async for event in events:
            self.heard.pulse.beat()
            self.access.drought.end()
            if (choice := _choice(event)) is None:
                continue
            self.heard.count(reader.hear(choice))
            if finish := choice.get("finish_reason"):
                why = await self._made(lambda: reader.end(cut=finish == "length"))
                await _seen_off(events)
                return why
            if reader.due:
                await self._made(reader.work)
                if self.call.brief and self.heard.complete:
                    return None
        if not events.done:
            raise EngineFailed("the reply of the model's server was cut short")
        return await self._made(lambda: reader.end(cut=False))

    async def _made(self, work: Callable[[], str | None]) -> str | None:
        """Have the reader work in a thread, and tell of it here."""
        try:
            why = await asyncio.to_thread(work)
        except EngineError:
            self._tell()
            raise
        self._tell()
        return why

    def _tell(self) -> None:
        self.asking.tell(self.call.reader)
        self.heard.complete = self.call.reader.complete


async def _seen_off(events: Events) -> None:
    """Hear the rest of a reply whose list has ended, if it comes soon; nothing of it counts."""
    with suppress(TimeoutError, EngineError):
        async with asyncio.timeout(LINGER_S):
            async for _ in events:
                pass


def _choice(event: Event) -> dict[str, Any] | None:
    """The one answer an event is about; none in those that only count."""
    choices = event.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise EngineFailed("the model's server sends events of another shape")
    return choices[0] if choices else None
