"""The composition root for what is remembered: in the process, or in Redis."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from service.errors import BadSettings, StoreUnavailable
from service.ports import Cache, ExposureStore, HistoryStore, Limits
from service.settings import Settings, Store
from service.store.cache import MemoryCache
from service.store.exposures import MemoryExposures, RedisExposures
from service.store.keys import Keys
from service.store.limits import MemoryLimits, RedisLimits
from service.store.memory import MemoryHistories
from service.store.redis import RedisHistories
from service.store.redis_cache import RedisCache
from service.store.redis_server import RedisOptions, RedisServer

LOG: Final = logging.getLogger("listwright.store")


@dataclass(frozen=True, slots=True)
class Stores:
    """What is remembered, by what it is for."""

    histories: HistoryStore
    cache: Cache
    limits: Limits
    exposures: ExposureStore


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open them. A Redis that is away is no reason not to start, one that forgets is."""
    chosen = settings.store
    if chosen.kind == "memory":
        _refuse_halves(chosen)
        yield Stores(
            MemoryHistories(chosen.history), MemoryCache(), MemoryLimits(), MemoryExposures()
        )
        return
    if chosen.url is None:
        raise BadSettings(
            "histories are to be kept in Redis, and no address is given",
            hint="Set LISTWRIGHT_STORE__URL, such as redis://127.0.0.1:6379/0.",
        )
    server = RedisServer(
        RedisOptions(chosen.url.get_secret_value(), chosen.cluster, chosen.timeout_ms / 1e3)
    )
    try:
        await _refuse_to_forget(server)
        keys = Keys(chosen.prefix)
        histories = RedisHistories(server, keys, chosen.history)
        cache, limits = RedisCache(server, keys), RedisLimits(server, keys)
        yield Stores(histories, cache, limits, RedisExposures(server, keys))
    finally:
        await server.close()


def _refuse_halves(chosen: Store) -> None:
    """An address that nothing reads is found out when the histories are gone."""
    if chosen.url is not None:
        raise BadSettings(
            "a Redis is named, and histories are to be kept in the process",
            hint="Set LISTWRIGHT_STORE__KIND=redis.",
        )


async def _refuse_to_forget(server: RedisServer) -> None:
    try:
        evicts = await server.evicting()
    except StoreUnavailable as error:
        LOG.warning("histories cannot be read yet: %s", error.message)
        return
    if evicts is not None:
        raise BadSettings(evicts, hint="In redis.conf: maxmemory-policy volatile-lru")
