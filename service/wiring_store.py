"""The composition root for what is remembered: in the process, or in Redis."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from service.errors import BadSettings
from service.ports import (
    Cache,
    CataloguePointer,
    ExposureStore,
    HistoryStore,
    Limits,
    StoreObserver,
)
from service.settings import Settings, Store
from service.store.cache import MemoryCache
from service.store.exposures import MemoryExposures
from service.store.keys import Keys
from service.store.limits import MemoryLimits, RedisLimits, SharedLimits
from service.store.memory import MemoryHistories
from service.store.pointer import MemoryPointer, RedisPointer
from service.store.redis import RedisHistories
from service.store.redis_cache import RedisCache
from service.store.redis_exposures import RedisExposures
from service.store.redis_server import RedisOptions, RedisServer
from service.store.redis_watch import REMEDY, RedisWatch

LOG: Final = logging.getLogger("listwright.store")


@dataclass(frozen=True, slots=True)
class Stores:
    """What is remembered, by what it is for."""

    histories: HistoryStore
    cache: Cache
    limits: Limits
    exposures: ExposureStore
    pointer: CataloguePointer
    trouble: Callable[[], str | None]
    """Why histories could not be read or would not last when that was looked at last."""


@asynccontextmanager
async def opened_stores(
    settings: Settings, told: StoreObserver | None = None
) -> AsyncIterator[Stores]:
    """Open them. A Redis that is away is no reason not to start, one that forgets is."""
    chosen = settings.store
    if chosen.kind == "memory":
        _refuse_halves(chosen)
        yield _in_the_process(chosen)
        return
    server = RedisServer(_options(chosen), told)
    try:
        await _refuse_to_forget(server.watch)
        async with server.watch.looking():
            yield _shared(server, Keys(chosen.prefix), chosen.history)
    finally:
        await server.close()


def _options(chosen: Store) -> RedisOptions:
    if chosen.url is None:
        raise BadSettings(
            "histories are to be kept in Redis, and no address is given",
            hint="Set LISTWRIGHT_STORE__URL, such as redis://127.0.0.1:6379/0.",
        )
    url = chosen.url.get_secret_value()
    if chosen.cluster and urlsplit(url).path not in {"", "/", "/0"}:
        raise BadSettings(
            "a Redis Cluster has a single database, 0, and another is named",
            hint="End LISTWRIGHT_STORE__URL with /0.",
        )
    return RedisOptions(url, chosen.cluster, chosen.timeout_ms / 1e3)


def _in_the_process(chosen: Store) -> Stores:
    return Stores(
        histories=MemoryHistories(chosen.history),
        cache=MemoryCache(),
        limits=MemoryLimits(),
        exposures=MemoryExposures(),
        pointer=MemoryPointer(),
        trouble=lambda: None,
    )


def _shared(server: RedisServer, keys: Keys, most: int) -> Stores:
    return Stores(
        histories=RedisHistories(server, keys, most),
        cache=RedisCache(server, keys),
        limits=SharedLimits(RedisLimits(server, keys)),
        exposures=RedisExposures(server, keys),
        pointer=RedisPointer(server, keys),
        trouble=lambda: server.watch.last,
    )


def _refuse_halves(chosen: Store) -> None:
    """An address that nothing reads is found out when the histories are gone."""
    if chosen.url is not None:
        raise BadSettings(
            "a Redis is named, and histories are to be kept in the process",
            hint="Set LISTWRIGHT_STORE__KIND=redis.",
        )


async def _refuse_to_forget(watch: RedisWatch) -> None:
    trouble = await watch.look()
    if watch.evicts is not None:
        raise BadSettings(watch.evicts, hint=REMEDY)
    if trouble is not None:
        LOG.warning("the store is not well: %s", trouble)
