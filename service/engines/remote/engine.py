"""What the engines behind HTTP have in common: a server, places at it, and how it stands."""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from service.engines.remote.heard import LATE
from service.engines.remote.reply import Access
from service.engines.remote.retries import SHARE
from service.engines.remote.server import Server
from service.engines.remote.server_errors import NotAsked, Unready, Unweighed
from service.engines.remote.standing import Standing
from service.engines.remote.upstream import Upstream
from service.engines.remote.watch import Watch
from service.engines.remote.weighing import Ability
from service.engines.text.prose import CUT
from service.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineLate,
    EngineTimeout,
    PromptTooLong,
)
from service.ports import Deadline, Decoding, Job, Page, Slate, Weighed, Written
from service.steering.labels import LabelLexicon

UNKNOWN: Final = "unknown"
"""The model of a server that does not say what it serves."""

M = TypeVar("M", Decoding, Written, Weighed)


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Where the server is, what it is asked for, and how much of it may be taken."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    tenant: str | None = field(default=None, repr=False)
    labels: int = 50
    concurrent: int = 64
    queue: int = 32
    retries: float = SHARE
    """Part of all calls that may be asked once more."""
    watched: float = 0.0
    """Share of the lists for which a server that is steered is asked what the model wanted."""
    adapter: Path | None = None
    """Folder that the model is loaded from where the server does not have it."""
    changed: Callable[[], bool] = lambda: False
    """Whether that folder no longer holds what the model is named after."""


class RemoteEngine(ABC):
    """An engine that a server decodes for. Nothing is asked of the server until it is used."""

    def __init__(self, options: RemoteOptions, upstream: Upstream | None = None) -> None:
        """`upstream`: that of another engine at the same server, which then is shared."""
        self.options = options
        server = Server(options.url, options.api_key)
        self.watch = Watch(server.address, self.look)
        upstream = upstream or Upstream(options.concurrent, options.queue, options.retries)
        self._breaker = breaker = upstream.new_breaker()
        salt = _salt(options.tenant) if options.tenant else None
        self.access = Access(server, upstream, breaker, self.watch, salt)
        self._ability = Ability()

    @property
    def model(self) -> str:
        """The model that is asked for, or else the one that the server says it serves."""
        return self.options.model or self.watch.standing.model or UNKNOWN

    async def spell(self, job: Job) -> Decoding:
        """Spell a list, or as much of it as the deadline allows; EngineError if it cannot."""
        return await self._had(job.deadline, lambda standing: self.decode(job, standing))

    async def write(self, page: Page) -> Written:
        """Write a text, or as much of it as the deadline allows; EngineError without a word."""
        return await self._had(page.deadline, lambda standing: self.compose(page, standing))

    def marks(self, most: int) -> tuple[str, ...]:
        """At most so many labels of one token each; none of a server that cannot weigh them."""
        return self.marked(most) if self._ability.of(self.watch.standing) else ()

    async def weigh(self, slate: Slate) -> Weighed:
        """How likely each mark is to be the answer; EngineError if the server does not say."""

        async def tried(standing: Standing) -> Weighed:
            return await self._ability.tried(standing, lambda: self.ponder(slate, standing))

        return await self._had(slate.deadline, tried)

    async def _had(self, deadline: Deadline, ask: Callable[[Standing], Awaitable[M]]) -> M:
        """What comes of asking; what goes wrong with it casts a doubt on the server."""
        try:
            async with asyncio.timeout(deadline.remaining()):
                standing = await self.watch.known()
        except TimeoutError as error:
            raise EngineTimeout(f"{LATE} before the model's server had answered") from error
        if standing.trouble is not None:
            raise NotAsked(standing.trouble)
        try:
            made = await ask(standing)
        except Unready:
            # Full, or not there at all: a look tells.
            self.watch.doubt()
            raise
        except (EngineBusy, EngineLate, NotAsked, PromptTooLong, Unweighed):
            raise
        except EngineError:
            self.watch.doubt()
            raise
        if not isinstance(made, Weighed) and made.stopped and made.stopped != CUT:
            self.watch.doubt()
        return made

    def ahead(self) -> float:
        """How many requests a new one would have to wait for."""
        return self.access.upstream.places.ahead()

    @property
    def address(self) -> str:
        """Where its server is."""
        return self.access.server.address

    async def trouble(self) -> str | None:
        """Why no list can be had of the server now; None when one can.

        Anybody may read it, so it does not say where the server is. A server that is slow to be
        looked at is told of as it stood last, but for the first look, which is waited for.
        """
        try:
            trouble = (await self.watch.lately()).trouble
        except EngineFailed as closed:
            return closed.message
        return trouble or self._breaker.trouble

    async def close(self) -> None:
        """Close every connection; the server hears of it in what it was still decoding."""
        await self.watch.close()
        await self.access.server.close()

    @abstractmethod
    async def decode(self, job: Job, standing: Standing) -> Decoding:
        """Have a list made by a server that stands like this."""

    @abstractmethod
    async def compose(self, page: Page, standing: Standing) -> Written:
        """Have a text written by a server that stands like this."""

    @abstractmethod
    async def ponder(self, slate: Slate, standing: Standing) -> Weighed:
        """Have candidates weighed by a server that stands like this."""

    @abstractmethod
    def marked(self, most: int) -> tuple[str, ...]:
        """At most so many labels of one token each."""

    @abstractmethod
    def spelling(self, labels: Sequence[str], *, lines: int, separator: str) -> LabelLexicon:
        """The tokens that spell some labels, each ended by the separator."""

    @abstractmethod
    async def look(self) -> Standing:
        """See how the server stands."""


def _salt(tenant: str) -> str:
    """Long and not to be guessed, as vLLM wants it; the secret itself is never sent."""
    return hashlib.sha256(b"listwright cache salt\0" + tenant.encode()).hexdigest()
