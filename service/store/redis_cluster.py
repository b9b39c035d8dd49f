"""A Redis Cluster: each call goes to the server that holds its keys, and waits for no other."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError
from redis.exceptions import ConnectionError as RedisLost
from redis.exceptions import TimeoutError as RedisTimeout

from service.errors import StoreUnavailable
from service.store.redis_calls import Call, Plain
from service.store.redis_node import Node
from service.store.redis_topology import Topology
from service.store.redis_wire import Address

AMISS: Final = (RedisLost, RedisTimeout, ClusterDownError, OSError, StoreUnavailable)
"""After which somebody else may hold what was asked for."""


class Cluster:
    """Calls of a moment are one trip to each server that they are for, all at once.

    Each server has connections of its own and hangs by itself: where one is away, what the others
    hold is read and written as before.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    async def run(self, call: Call | Plain, until: float) -> Any:
        """What a call comes to by a time of the loop's clock, else TimeoutError."""
        slot = key_slot(call.key.encode())
        await self._topology.known(until)
        node = self._topology.owner(slot)
        if node is None:
            self._topology.look_again()
            raise StoreUnavailable("no server of the Redis Cluster holds what is asked for")
        try:
            return await node.run(call, until)
        except MovedError as error:
            self._topology.moved(slot, _where(error, node))
            return await self._topology.node(_where(error, node)).run(call, until)
        except AskError as error:
            return await self._topology.node(_where(error, node)).asked(call, until)
        except AMISS:
            self._topology.look_again()
            raise

    async def everywhere(self, call: Plain, until: float) -> list[Any]:
        """What a call without a key comes to at each server that holds something."""
        await self._topology.known(until)
        return await asyncio.gather(
            *(node.run(call, until) for node in self._topology.owners()), return_exceptions=True
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._topology.close()


def _where(error: AskError, asked: Node) -> Address:
    return Address(error.host or asked.address.host, error.port)
