"""Redis as the stores use it, alone or a cluster of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.ports import StoreObserver
from service.store.redis_calls import Call, Plain
from service.store.redis_cluster import Cluster
from service.store.redis_node import Node
from service.store.redis_telling import Telling, failing_closed
from service.store.redis_topology import Topology
from service.store.redis_watch import RedisWatch, evicts
from service.store.redis_wire import Address, Wire, url_at

INFO: Final = Plain(("INFO",))

PATIENCE: Final = 2.0
"""So many times as long as a call is waited for a connection waits for its answer. Else what came
while this process stood still would be thrown away with the connection."""


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """Where it is, and how long it is waited for."""

    url: str
    cluster: bool = False
    timeout: float = 0.5
    """Seconds that an answer may take, a connection included."""


class RedisServer:
    """StoreUnavailable for whatever goes wrong on the way there."""

    def __init__(self, options: RedisOptions, told: StoreObserver | None = None) -> None:
        """`told`: who hears of each call, if somebody does."""
        self._telling = Telling(told)
        self._longest = options.timeout
        self._there = _there(options, self._telling)
        self.watch = RedisWatch(self._facts)

    async def run(self, call: Call | Plain) -> Any:
        """What a call comes to. Whoever cancels this no longer hears of it; it may be done."""
        with self._telling.of(call.name), failing_closed():
            return await self._there.run(call, self._until())

    async def _facts(self) -> list[Mapping[str, Any]]:
        """What each server that holds something tells of itself.

        StoreUnavailable if one does not, and none of the others is about to forget.
        """
        with failing_closed():
            told = await self._there.everywhere(INFO, self._until())
            known = [each for each in told if not isinstance(each, BaseException)]
            if not any(map(evicts, known)):
                for wrong in told:
                    if isinstance(wrong, BaseException):
                        raise wrong
        return known

    async def close(self) -> None:
        """Let go of the connections."""
        await self._there.close()

    def _until(self) -> float:
        return asyncio.get_running_loop().time() + self._longest


def _there(options: RedisOptions, telling: Telling) -> Node | Cluster:
    def opened(url: str) -> Node:
        return Node(Wire(url, PATIENCE * options.timeout, telling.set_off))

    seed = opened(options.url)
    if not options.cluster:
        return seed

    def at(address: Address) -> Node:
        return opened(url_at(options.url, address))

    return Cluster(Topology(seed, at, options.timeout))
