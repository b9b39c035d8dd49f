"""The watch over a server: when it is looked at, and what is remembered of that.

It is looked at when the service starts, whenever somebody asks whether the service is ready, when
it is silent, and now and then beside the requests; never in front of one, save the first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias

from service.engines.remote.server_errors import Unheard, Unreachable, Unready
from service.engines.remote.standing import Standing
from service.errors import EngineBusy, EngineError, EngineFailed, EngineTimeout

LOG: Final = logging.getLogger("listwright.engine")

LONGEST_S: Final = 6.0
"""How long one look may take, whatever it is made of."""

SOONEST_S: Final = 1.0
"""Least time between two looks."""

TOLD_WITHIN_S: Final = 1.0
"""How long a look is waited for by whoever would rather hear how the server stood last."""

LATEST_S: Final = 30.0
"""A server that is well is looked at again after this: it may have been started anew."""

HANGS: Final = "the model's server does not answer in time"

UNSTEERED: Final = (
    "the model's vLLM runs without Listwright's plugin, so lists are chosen from numbered"
    " candidates; install listwright beside it, or start it with --logits-processors"
)
"""What an operator should know of a vLLM without the plugin."""

_UNHEARD: Final = (EngineTimeout, Unheard, Unready)
"""Trouble with a server that is not heard: any answer of its own ends it."""

_HOPELESS: Final = (EngineTimeout, Unreachable)
"""Trouble that leaves nothing to wait for, even to a list that was asked for before."""

Look: TypeAlias = Callable[[], Awaitable[Standing]]


class Watch:
    """Remembers how a server stands, and looks again when that may have changed."""

    def __init__(
        self, address: str, look: Look, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.standing = Standing()
        """As it was found last: the same object until something about it changes."""
        self._address = address
        self._look = look
        self._clock = clock
        self._looked: float | None = None
        self._began: float | None = None
        self._kind: type[EngineError] | None = None
        self._doubted = False
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def known(self) -> Standing:
        """How the server stood last; what is old is looked at again meanwhile."""
        if self._looked is None or self._closed:
            return await self.fresh()
        if self._age() > (SOONEST_S if self._doubted or self.standing.trouble else LATEST_S):
            self.look()
        return self.standing

    async def fresh(self) -> Standing:
        """How the server stands now, or did a moment ago."""
        return await self._looked_at(None)

    async def lately(self) -> Standing:
        """How the server stands, or, while a look takes long, how it stood at the last one."""
        return await self._looked_at(None if self._looked is None else TOLD_WITHIN_S)

    def look(self) -> asyncio.Task[None]:
        """The look that is being taken; the last one if that was a moment ago."""
        if self._closed:
            raise _closed()
        if self._looking is None or (self._looking.done() and self._age() > SOONEST_S):
            self._looking = asyncio.create_task(self._look_once())
        return self._looking

    def hung_since(self, moment: float) -> str | None:
        """What is wrong, if a look that began after a moment found that the server hangs."""
        if self._began is None or self._began <= moment or self._kind is None:
            return None
        return self.standing.trouble if issubclass(self._kind, _HOPELESS) else None

    def doubt(self) -> None:
        """Something speaks against what is known: look again soon."""
        self._doubted = True

    async def close(self) -> None:
        """Look no more; who waits for a look hears that the engine is closed."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _looked_at(self, seconds: float | None) -> Standing:
        looking = self.look()
        # Several may wait for one look; one that gives up does not end it for the others.
        await asyncio.wait({looking}, timeout=seconds)
        if looking.cancelled():
            raise _closed()
        return self.standing

    def _age(self) -> float:
        return self._clock() - (self._looked or 0.0)

    async def _look_once(self) -> None:
        self._doubted = False
        began = self._clock()
        try:
            found, self._kind = await self._seen()
        finally:
            self._looked = self._clock()
        self._began = began
        if found != self.standing:
            self._report(found)
            self.standing = found

    async def _seen(self) -> tuple[Standing, type[EngineError] | None]:
        """What a look finds, and of which kind the trouble is that it ran into, if it did."""
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self._look(), None
        except TimeoutError:
            why: EngineError = EngineTimeout(HANGS)
        except EngineError as error:
            if isinstance(error, EngineBusy) and not isinstance(error, Unready):
                return self._full()
            why = error
        except Exception as error:
            # Whatever is wrong with the looking, the service starts, and says that it is wrong.
            LOG.exception("the server at %s could not be looked at", self._address)
            wrong = f"the model's server could not be looked at ({type(error).__name__})"
            why = EngineFailed(wrong)
        return replace(self.standing, trouble=why.message), type(why)

    def _full(self) -> tuple[Standing, type[EngineError] | None]:
        """It is there, and has much to do: what it said before holds until it has time."""
        self._doubted = True
        if self._kind is not None and issubclass(self._kind, _UNHEARD):
            return replace(self.standing, trouble=None), None
        return self.standing, self._kind

    def _report(self, found: Standing) -> None:
        """One line for each change."""
        at = f"({self._address})"
        if found.trouble != self.standing.trouble:
            if found.trouble is None:
                LOG.info("the model's server is there again %s", at)
            else:
                LOG.warning("%s %s", found.trouble, at)
        if found.steered != self.standing.steered:
            if found.steered:
                LOG.info("the model's server has the plugin now: it spells titles %s", at)
            else:
                LOG.warning("%s %s", UNSTEERED, at)


def _closed() -> EngineFailed:
    return EngineFailed("the engine is closed")
