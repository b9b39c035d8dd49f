"""A server's reply, read to its end: what lists and texts from behind HTTP have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from service.domain import Sampling
from service.engines.remote.again import once_more
from service.engines.remote.breaker import Breaker
from service.engines.remote.call import Call, Reader
from service.engines.remote.heard import LATE, Heard
from service.engines.remote.server import Server
from service.engines.remote.silence import Drought, unless_hung
from service.engines.remote.sse import Event, Events
from service.engines.remote.upstream import Upstream
from service.engines.remote.visit import Visit
from service.engines.remote.watch import Watch
from service.errors import EngineError, EngineFailed
from service.ports import Deadline

LINGER_S: Final = 1.0
"""How long a reply may go on after what was asked for has ended, so that its connection is kept."""

R = TypeVar("R", bound=Reader)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """One server, as an engine uses it."""

    server: Server
    upstream: Upstream
    breaker: Breaker
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
    """Spellers and bodies may be made of whole catalogues."""
    deadline: Deadline
    tell: Callable[[R], None] = lambda _reader: None
    """Called on the event loop whenever the reader has worked."""
    light: bool = False
    """Whether making the call, and all that the reader does, is over before a thread had begun."""

    async def done(self, work: Callable[[], T]) -> T:
        """What some work for it comes to; in a thread, unless it is light."""
        return work() if self.light else await asyncio.to_thread(work)


async def hear_out(access: Access, asking: Asking[R]) -> Heard:
    """Ask, and read until all is there or there is no going on: what that was stands in it."""
    heard = Heard()
    limit = asyncio.timeout(asking.deadline.remaining())
    visit = Visit(access.upstream, access.breaker, access.watch)
    try:
        async with limit, visit.admitted(asking.deadline):
            call = await asking.done(asking.call)
            heard.prompt = call.sent.prompt
            asked = _Listening(access, call, asking, heard).asked
            heard.end(await once_more(access.upstream, heard, asking.deadline, asked))
    except TimeoutError:
        if not limit.expired():
            raise
        heard.end(LATE)
    except EngineError as error:
        heard.end(error.message, error)
    finally:
        visit.end(heard)
    return heard


@dataclass(frozen=True, slots=True)
class _Listening(Generic[R]):
    access: Access
    call: Call[R]
    asking: Asking[R]
    heard: Heard

    async def asked(self) -> str | None:
        """What ended the reply too soon, if anything did; EngineFailed if the server hangs."""
        self.heard.begin()
        return await unless_hung(self.access.watch, self.heard.pulse, self._listen())

    async def _listen(self) -> str | None:
        async with self.access.server.stream(self.call.sent.path, self.call.sent.body) as response:
            self.heard.pulse.beat()
            # Not before: a server that refuses a request owes it no token.
            with self.access.drought.suffered():
                return await self._hear(Events(response))

    async def _hear(self, events: Events) -> str | None:
        reader = self.call.reader
        async for event in events:
            self.heard.begun = True
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
        """Have the reader work, and tell of it here."""
        try:
            why = await self.asking.done(work)
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
