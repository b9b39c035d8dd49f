"""The service as it is wired, over a small catalogue, on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bookcase import books, readings, source, tools
from quiz import answerer

from service.access.gate import Access
from service.access.holder import Holder
from service.access.keyring import Keyring, digest_of
from service.api.app import create_app
from service.api.server import Server, bound, url_of
from service.api.service import Bounds
from service.catalog.build import build
from service.settings import load_settings
from service.wiring import Parts, opened

PLAIN, BOSS = "lw_plain", "lw_boss"
HOLDERS = {digest_of(PLAIN): Holder("shop"), digest_of(BOSS): Holder("boss", admin=True)}
BOUNDS = Bounds(max_k=20)


def catalogue_in(folder: Path) -> Path:
    """A catalogue, built; the folder of its versions."""
    return build(source(folder, books(), readings()), folder / "books", tools(similar=False)).parent


@asynccontextmanager
async def served(catalogue: Path, *, keyed: bool) -> AsyncIterator[str]:
    """Where it is served until the block ends."""
    settings = load_settings(
        {
            "catalogue": {"path": catalogue},
            "engine": {"kind": "none"},
            "retrieval": {"similarity": False},
            "recommend": {"max_k": BOUNDS.max_k},
        }
    )
    listening = bound("127.0.0.1", 0)
    async with opened(settings) as parts:
        server = Server(create_app(_with_answers(parts, keyed=keyed), BOUNDS), shutdown_seconds=2)
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        try:
            yield url_of(listening)
        finally:
            server.should_exit = True
            await serving


def _with_answers(parts: Parts, *, keyed: bool) -> Parts:
    """Answers come of a model that spells the first thing it may: no real one is as quick."""
    access = Access(parts.access.limits, Keyring(HOLDERS) if keyed else None)
    return replace(parts, access=access, answerer=answerer())
