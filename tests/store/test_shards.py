"""A Redis Cluster that loses a shard, gets it back, or moves what it holds, under load."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count

import pytest
from real_redis import PATIENCE_S, RealRedis, come_back, node_id, real_shards, slots_of
from redis.crc import key_slot
from redis.exceptions import MovedError

from service.domain import Event, User
from service.errors import StoreUnavailable
from service.ports import Recorded
from service.store.keys import Keys
from service.store.redis import RedisHistories
from service.store.redis_node import HANGS
from service.store.redis_server import RedisOptions, RedisServer

KEYS = Keys("shards")
LOST = 2
EACH = 6
"""Users of a shard."""

_numbers = count()


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RealRedis]]:
    with real_shards(tmp_path_factory.mktemp("shards")) as servers:
        yield servers


@asynccontextmanager
async def histories(of: RealRedis) -> AsyncIterator[RedisHistories]:
    server = RedisServer(RedisOptions(of.url, cluster=True, timeout=0.5))
    try:
        yield RedisHistories(server, KEYS)
    finally:
        await server.close()


def slot(user: User) -> int:
    return key_slot(KEYS.times(user).encode())


def users(shard: int) -> list[User]:
    """New ones, whose histories lie there."""
    found = (User(f"u{next(_numbers)}") for _ in range(10_000))
    here = (user for user in found if slot(user) in slots_of(shard))
    return [next(here) for _ in range(EACH)]


async def came_to(store: RedisHistories, user: User) -> str:
    """What became of reading a history and adding to it."""
    event = Event(f"e{next(_numbers)}", user, "i", 1)
    try:
        await store.history(user)
        assert await store.record([event]) == Recorded(new=1)
    except StoreUnavailable as error:
        return error.message
    return "ok"


async def meanwhile(store: RedisHistories, of: list[User], times: int) -> Counter[str]:
    """What came of many calls, those of all the users at once."""
    found: Counter[str] = Counter()
    for _ in range(times):
        found.update(await asyncio.gather(*(came_to(store, user) for user in of)))
        await asyncio.sleep(0.005)
    return found


async def healed(store: RedisHistories, of: list[User]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while set(await meanwhile(store, of, 1)) != {"ok"}:
            pass
    assert set(await meanwhile(store, of, 5)) == {"ok"}


async def both(
    store: RedisHistories, living: list[User], lost: list[User], times: int
) -> tuple[Counter[str], Counter[str]]:
    live, dead = await asyncio.gather(
        meanwhile(store, living, times), meanwhile(store, lost, times)
    )
    return live, dead


async def test_a_shard_that_is_killed_costs_its_own_users_only(shards: list[RealRedis]) -> None:
    living, lost = [*users(0), *users(1)], users(LOST)
    async with histories(shards[0]) as store:
        assert set(await meanwhile(store, [*living, *lost], 2)) == {"ok"}
        shards[LOST].stop()
        try:
            live, dead = await both(store, living, lost, 60)
            assert live == {"ok": 60 * len(living)}
            assert dead == {"Redis did not answer (ConnectionError)": 60 * len(lost)}
            together = [Event("together", user, "i", 2) for user in (living[0], lost[0])]
            with pytest.raises(StoreUnavailable):
                await store.record(together)
            assert "did not answer" in str(await store.trouble())
        finally:
            come_back(shards[LOST])
        await healed(store, lost)
        # Of what is sent again as it was, what was kept counts once.
        assert await store.record(together) == Recorded(new=1, known=1)


async def test_a_gateway_starts_while_a_shard_is_away(shards: list[RealRedis]) -> None:
    shards[LOST].stop()
    try:
        async with histories(shards[1]) as store:
            live, dead = await both(store, users(0), users(LOST), 3)
    finally:
        come_back(shards[LOST])
    assert set(live) == {"ok"}
    assert "ok" not in dead


async def test_a_shard_that_hangs_costs_its_own_users_only(shards: list[RealRedis]) -> None:
    living, lost = [*users(0), *users(1)], users(LOST)
    process = shards[LOST].process
    assert process is not None
    async with histories(shards[0]) as store:
        assert set(await meanwhile(store, [*living, *lost], 2)) == {"ok"}
        process.send_signal(signal.SIGSTOP)
        try:
            live, dead = await both(store, living, lost, 5)
        finally:
            process.send_signal(signal.SIGCONT)
        assert live == {"ok": 5 * len(living)}
        assert sum(dead.values()) == 5 * len(lost)
        # All of the first round wait, since nobody knows; of each later one a single call at most.
        waited = dead["Redis did not answer (TimeoutError)"]
        assert len(lost) <= waited <= len(lost) + 4
        assert dead[HANGS] == 5 * len(lost) - waited
        await healed(store, lost)


async def test_a_replica_that_takes_over_is_found(shards: list[RealRedis]) -> None:
    living, lost = users(0), users(LOST)
    async with histories(shards[0]) as store:
        assert set(await meanwhile(store, [*living, *lost], 2)) == {"ok"}
        with shards[LOST].plain() as master:
            assert master.wait(1, 5_000) == 1
        shards[LOST].stop()
        try:
            assert "ok" not in await meanwhile(store, lost, 3)
            _takes_over(shards[3])
            await healed(store, lost)
            assert len(await store.history(lost[0])) > 2, "what it had copied"
        finally:
            come_back(shards[LOST])
            _takes_over(shards[LOST])
        await healed(store, lost)


async def test_what_moves_to_another_shard_is_found_while_it_moves(
    shards: list[RealRedis],
) -> None:
    user = users(0)[0]
    moving = slot(user)
    async with histories(shards[2]) as store:
        assert await came_to(store, user) == "ok"
        keys = KEYS.times(user), KEYS.items(user)
        with shards[0].plain() as here, shards[1].plain() as there:
            there.execute_command("CLUSTER SETSLOT", moving, "IMPORTING", node_id(shards[0]))
            here.execute_command("CLUSTER SETSLOT", moving, "MIGRATING", node_id(shards[1]))
            here.migrate("127.0.0.1", shards[1].port, list(keys), 0, 5_000)
            # What is there no more is asked of the other, by its leave.
            assert set(await meanwhile(store, [user], 3)) == {"ok"}
            with pytest.raises(MovedError):
                there.exists(*keys)
            for client in (there, here):
                client.execute_command("CLUSTER SETSLOT", moving, "NODE", node_id(shards[1]))
            assert set(await meanwhile(store, [user], 3)) == {"ok"}
            assert there.exists(*keys) == len(keys)
            assert len(await store.history(user)) == 1 + 3 + 3
            await store.forget(user)
            for client in (here, there):
                client.execute_command("CLUSTER SETSLOT", moving, "NODE", node_id(shards[0]))
        assert await came_to(store, user) == "ok"


def _takes_over(replica: RealRedis) -> None:
    with replica.plain() as client:
        if client.info("replication")["role"] == "slave":
            client.execute_command("CLUSTER FAILOVER", "TAKEOVER")
