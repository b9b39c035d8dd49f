"""Running the service in this process: everything is opened, served, and closed again, in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import uvloop

from service.api.app import create_app
from service.api.readiness import Readiness
from service.api.server import Server, url_of
from service.api.service import Bounds
from service.settings import Settings
from service.telemetry.logs import log_to
from service.wiring import Parts, opened
from service.wiring_engine import in_words

LOG: Final = logging.getLogger("listwright.service")

Beside: TypeAlias = Callable[[Parts], Awaitable[bool]]
"""What is done while the service runs; True lets it run on."""


def bounds_of(settings: Settings) -> Bounds:
    """What the API has to know of the settings."""
    recommend, server = settings.recommend, settings.server
    return Bounds(
        max_k=recommend.max_k,
        default_k=recommend.default_k,
        max_history=recommend.max_history,
        max_deadline_ms=recommend.max_deadline_ms,
        temperature=recommend.temperature,
        max_body_bytes=server.max_body_bytes,
        request_seconds=server.request_seconds,
        busy_seconds=server.busy_ms / 1e3,
        max_concurrent=server.max_concurrent,
        playground=server.playground,
        hosts=server.hosts,
    )


def serve(settings: Settings, listening: socket.socket, beside: Beside | None = None) -> None:
    """Serve until a signal comes, or until what is done beside it is done."""
    log_to(sys.stderr, settings.server.log_level)
    with listening, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening, beside))


async def _serve(settings: Settings, listening: socket.socket, beside: Beside | None) -> None:
    async with opened(settings) as parts:
        serves = {
            "url": url_of(listening),
            "catalogue": parts.catalogue.version,
            "items": parts.catalogue.size,
            "engine": in_words(parts.recommender.engine),
        }
        LOG.info("serving", extra={"fields": serves})
        chosen, readiness = settings.server, Readiness()
        app = create_app(parts, bounds_of(settings), readiness, parts.spans)
        # What is loaded by now stays: a collection that looked at it again would be a pause.
        gc.collect()
        gc.freeze()
        server = Server(
            app,
            chosen.shutdown_seconds,
            readiness,
            chosen.drain_seconds,
            chosen.request_seconds,
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        if beside is not None:
            await _do_beside(beside(parts), server, serving)
        await serving


async def _do_beside(work: Awaitable[bool], server: Server, serving: asyncio.Task[None]) -> None:
    """Do the work as long as the service runs; a signal ends both."""
    working = asyncio.ensure_future(work)
    await asyncio.wait({working, serving}, return_when=asyncio.FIRST_COMPLETED)
    if server.should_exit:
        # A signal came: what was being done beside it lost its server, which is no error.
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return
    try:
        server.should_exit = not await working
    except BaseException:
        server.should_exit = True
        await serving
        raise
