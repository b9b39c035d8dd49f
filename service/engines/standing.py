"""How a server stands: whether it is there, which model it serves, whether the plugin steers it.

It is looked at when the service starts, whenever somebody asks whether the service is ready, and
now and then beside the requests; never in front of one, save the first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from service.engines.server import Server
from service.errors import EngineError, EngineFailed

LOG: Final = logging.getLogger("listwright.engine")

PATIENCE_S: Final = 3.0
"""How long one look may take."""

SOONEST_S: Final = 1.0
"""Least time between two looks."""

LATEST_S: Final = 30.0
"""A server that is well is looked at again after this: it may have been started anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a look at a server found."""

    trouble: str | None = None
    """Why no list can be had of it."""
    model: str | None = None
    context: int | None = None
    """The longest prompt and list together, in tokens, if the server says so."""
    steered: bool = True
    """Whether it spells titles; if not, it can only choose among numbered candidates."""


Look: TypeAlias = Callable[[], Awaitable[Standing]]


class Watch:
    """Remembers how a server stands, and looks again when that may have changed."""

    def __init__(
        self, server: str, look: Look, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.standing = Standing()
        self._server = server
        self._look = look
        self._clock = clock
        self._looked: float | None = None
        self._doubted = False
        self._looking: asyncio.Task[None] | None = None

    async def known(self) -> Standing:
        """How the server stood last; what is old is looked at again meanwhile."""
        if self._looked is None:
            return await self.fresh()
        if self._age() > (SOONEST_S if self._doubted or self.standing.trouble else LATEST_S):
            self._begin()
        return self.standing

    async def fresh(self) -> Standing:
        """How the server stands now, or did a moment ago."""
        if self._looked is None or self._age() > SOONEST_S:
            self._begin()
        if self._looking is not None:
            # Several may wait for one look; one that gives up does not end it for the others.
            await asyncio.shield(self._looking)
        return self.standing

    def doubt(self) -> None:
        """Something speaks against what is known: look again soon."""
        self._doubted = True

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _age(self) -> float:
        return self._clock() - (self._looked or 0.0)

    def _begin(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_once())

    async def _look_once(self) -> None:
        self._doubted = False
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await self._look()
        except TimeoutError:
            found = replace(
                self.standing, trouble=f"the server at {self._server} does not answer in time"
            )
        except EngineError as error:
            found = replace(self.standing, trouble=error.message)
        finally:
            self._looked = self._clock()
        self._report(found)
        self.standing = found

    def _report(self, found: Standing) -> None:
        """One line for each change."""
        if found.trouble != self.standing.trouble:
            if found.trouble is None:
                LOG.info("the server at %s is there again", self._server)
            else:
                LOG.warning("%s", found.trouble)
        if found.steered != self.standing.steered:
            if found.steered:
                LOG.info("the server at %s has the plugin now: it spells titles", self._server)
            else:
                LOG.warning("%s", unsteered(self._server))


def unsteered(server: str) -> str:
    """What an operator should know of a vLLM without the plugin."""
    return (
        f"the vLLM at {server} runs without Listwright's plugin, so lists are chosen from numbered"
        " candidates; install listwright beside it, or start it with --logits-processors"
    )


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says it serves."""

    model: str
    context: int | None


async def served(server: Server, wanted: str | None) -> Served:
    """The model that is wanted, or the first; EngineFailed if it is not among those served."""
    cards = _cards(await server.get("/v1/models"))
    names = [str(card["id"]) for card in cards]
    if not names or (wanted is not None and wanted not in names):
        has = ", ".join(names[:5]) or "no model"
        raise EngineFailed(f"the server at {server.name} serves {has}, not {wanted or 'any'}")
    card = cards[names.index(wanted)] if wanted else cards[0]
    context = card.get("max_model_len")
    return Served(str(card["id"]), context if isinstance(context, int) else None)


def _cards(answer: object) -> list[dict[str, object]]:
    listed = answer.get("data") if isinstance(answer, dict) else None
    cards = listed if isinstance(listed, list) else []
    return [card for card in cards if isinstance(card, dict) and "id" in card]
