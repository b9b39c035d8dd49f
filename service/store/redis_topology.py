"""Which server of a Redis Cluster holds which slot: any of them is asked, and again in trouble.

Nobody waits for that but whoever comes before it was known at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from redis.exceptions import RedisError

from service.errors import StoreUnavailable
from service.store.redis_calls import Plain
from service.store.redis_node import Node
from service.store.redis_wire import Address

SLOTS: Final = 16_384
ASK: Final = Plain(("CLUSTER", "SLOTS"))

PAUSE_S: Final = 0.5
"""Between two looks, however many find something amiss."""


class Topology:
    """The servers of a cluster, by what they hold."""

    def __init__(self, seed: Node, opened: Callable[[Address], Node], patience: float) -> None:
        """`seed` is the server that was named; each is waited for as long as `patience`."""
        self._seed = seed
        self._opened = opened
        self._patience = patience
        self._nodes: dict[Address, Node] = {}
        self._owners: list[Node | None] = []
        self._looking: asyncio.Task[Exception | None] | None = None
        self._next = 0.0
        self._closing: set[asyncio.Task[None]] = set()

    async def known(self, until: float) -> None:
        """Return once it is known who holds what; what went wrong if that cannot be known."""
        if self._owners:
            return
        looking = self._looking
        if looking is None or looking.done():
            looking = self._look()
        async with asyncio.timeout_at(until):
            wrong = await asyncio.shield(looking)
        if wrong is not None:
            raise wrong

    def owner(self, slot: int) -> Node | None:
        """Who holds a slot, as far as is known."""
        return self._owners[slot]

    def owners(self) -> list[Node]:
        """All who hold something."""
        return list(dict.fromkeys(node for node in self._owners if node is not None))

    def node(self, address: Address) -> Node:
        """The server there."""
        if address not in self._nodes:
            self._nodes[address] = self._opened(address)
        return self._nodes[address]

    def moved(self, slot: int, address: Address) -> None:
        """One of them said that another holds a slot now."""
        self._owners[slot] = self.node(address)
        self.look_again()

    def look_again(self) -> None:
        """Something is amiss: find out in the background who holds what now."""
        looking = self._looking is not None and not self._looking.done()
        if not looking and asyncio.get_running_loop().time() >= self._next:
            self._look()

    async def close(self) -> None:
        """Let go of all servers."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        nodes = {*self._nodes.values(), self._seed}
        await asyncio.gather(*self._closing, *(node.close() for node in nodes))

    def _look(self) -> asyncio.Task[Exception | None]:
        self._next = asyncio.get_running_loop().time() + PAUSE_S
        self._looking = asyncio.create_task(self._looked())
        return self._looking

    async def _looked(self) -> Exception | None:
        """None once one of them has told; those that hang are asked last."""
        wrong: Exception | None = None
        for node in sorted((*self._nodes.values(), self._seed), key=lambda node: node.hangs):
            try:
                until = asyncio.get_running_loop().time() + self._patience
                ranges = list(_ranges(await node.run(ASK, until), node.address.host))
            except (RedisError, OSError, StoreUnavailable) as error:
                wrong = error
                continue
            if ranges:
                self._take(ranges)
                return None
            wrong = StoreUnavailable("the Redis Cluster has no slots yet")
        return wrong

    def _take(self, ranges: Sequence[tuple[range, Sequence[Address]]]) -> None:
        owners: list[Node | None] = [None] * SLOTS
        for slots, (owner, *_) in ranges:
            for slot in slots:
                owners[slot] = self.node(owner)
        self._owners = owners
        # Replicas are kept in mind as well: they can be asked who holds what.
        named = {address for _, addresses in ranges for address in addresses}
        for address in named:
            self.node(address)
        for address in self._nodes.keys() - named:
            closing = asyncio.create_task(self._nodes.pop(address).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


def _ranges(told: Any, asked: str) -> Iterator[tuple[range, list[Address]]]:
    """Slots and who holds them, the owner first. Who names no host is where it was asked."""
    for first, last, *servers in told:
        yield (
            range(int(first), int(last) + 1),
            [Address(host or asked, int(port)) for host, port, *_ in servers],
        )
