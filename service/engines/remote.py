"""What the engines behind HTTP have in common: a server, places at it, and how it stands."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from service.domain import Prompt, Sampling
from service.engines.hearing import LATE, Job
from service.engines.places import Places
from service.engines.server import Server
from service.engines.standing import Standing, Watch
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout
from service.ports import Deadline, Decoding, Tell
from service.steering.assignment import Assignment


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


class RemoteEngine(ABC):
    """An engine that a server decodes for. Nothing is asked of the server until it is used."""

    def __init__(self, options: RemoteOptions) -> None:
        self.options = options
        self.server = Server(options.url, options.api_key)
        self.places = Places(options.concurrent, options.queue)
        self.watch = Watch(self.server.name, self.look)
        self._closed = False

    @property
    def model(self) -> str:
        """The model that is asked for; where none is named and none is known yet, the server."""
        return self.options.model or self.watch.standing.model or self.server.name

    async def spell(
        self,
        prompt: Prompt,
        assignment: Assignment,
        sampling: Sampling,
        deadline: Deadline,
        tell: Tell,
    ) -> Decoding:
        """Spell a list, or as much of it as the deadline allows; EngineError if it cannot."""
        try:
            async with asyncio.timeout(deadline.remaining()):
                standing = await self.watch.known()
        except TimeoutError as error:
            message = f"{LATE} before the server at {self.server.name} had answered"
            raise EngineTimeout(message) from error
        if standing.trouble is not None:
            raise EngineFailed(standing.trouble)
        try:
            job = Job(prompt, assignment, sampling, deadline, tell)
            made = await self.decode(job, standing)
        except EngineBusy:
            raise
        except EngineError:
            self.watch.doubt()
            raise
        if made.stopped:
            self.watch.doubt()
        return made

    def ahead(self) -> float:
        """How many lists a new one would have to wait for."""
        return self.places.ahead()

    async def trouble(self) -> str | None:
        """Why no list can be had of the server now; None when one can."""
        if self._closed:
            return f"the engine {self.model} is closed"
        return (await self.watch.fresh()).trouble

    async def close(self) -> None:
        """Close every connection; the server hears of it in what it was still decoding."""
        self._closed = True
        await self.watch.close()
        await self.server.close()

    @abstractmethod
    async def decode(self, job: Job, standing: Standing) -> Decoding:
        """Have a list made by a server that stands like this."""

    @abstractmethod
    async def look(self) -> Standing:
        """See how the server stands."""
