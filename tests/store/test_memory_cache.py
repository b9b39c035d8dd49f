"""The cache in the process: bounded, the least used goes first, some things only for a while."""

from __future__ import annotations

import asyncio

from service.store.cache import MemoryCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def kept(cache: MemoryCache) -> set[str]:
    return {key for key in "abcd" if await cache.get(key) is not None}


def test_what_was_used_least_goes_first() -> None:
    async def use() -> set[str]:
        cache = MemoryCache(most_bytes=3 * 4 * 11)
        for key in "abc":
            await cache.put(key, "x" * 10)
        await cache.get("a")
        await cache.put("d", "x" * 10)
        return await kept(cache)

    assert asyncio.run(use()) == {"a", "c", "d"}


def test_some_things_are_kept_for_a_while_only() -> None:
    async def use() -> list[set[str]]:
        clock = Clock()
        cache = MemoryCache(most_bytes=2 * 4 * 11, clock=clock)
        await cache.put("a", "x" * 10)
        await cache.put("b", "x" * 10, seconds=60)
        found = [await kept(cache)]
        clock.now = 60.0
        found.append(await kept(cache))
        # What is over makes room: the other one stays.
        await cache.put("c", "x" * 10)
        return [*found, await kept(cache)]

    assert asyncio.run(use()) == [{"a", "b"}, {"a"}, {"a", "c"}]
