"""A real Redis for the tests: alone, as a cluster of one, or as a cluster with shards to lose."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loadtest.real_redis import PATIENCE_S, RealRedis, free_port, real_redis

__all__ = [
    "PATIENCE_S",
    "RealRedis",
    "come_back",
    "free_port",
    "node_id",
    "real_cluster",
    "real_redis",
    "real_shards",
    "slots_of",
]


@contextlib.contextmanager
def real_cluster(folder: Path) -> Iterator[RealRedis]:
    """It has all the slots, and refuses what a large one does: keys of two slots in one command."""
    with real_redis(folder, "--cluster-enabled", "yes") as server:
        with server.plain() as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(16384))
            until = time.monotonic() + PATIENCE_S
            while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                assert time.monotonic() < until
                time.sleep(0.02)
        yield server


MASTERS: Final = 3
SLOTS: Final = 16_384


@contextlib.contextmanager
def real_shards(folder: Path, *options: str) -> Iterator[list[RealRedis]]:
    """Three masters with a third of the slots each, then a replica of the last of them.

    None takes another's place by itself.
    """
    servers = [RealRedis(folder / name, free_port(), _shard(options)) for name in "abcd"]
    try:
        for server in servers:
            server.folder.mkdir()
            server.start()
        for number, server in enumerate(servers):
            _introduce(server, number, servers[0].port)
        _until(servers, "cluster_known_nodes", str(len(servers)))
        with servers[MASTERS].plain() as replica:
            replica.execute_command("CLUSTER REPLICATE", node_id(servers[MASTERS - 1]))
        _until(servers, "cluster_state", "ok")
        yield servers
    finally:
        for server in servers:
            server.stop()


def slots_of(number: int) -> range:
    """The slots of a master."""
    share = -(-SLOTS // MASTERS)
    return range(number * share, min((number + 1) * share, SLOTS))


def node_id(server: RealRedis) -> str:
    """How the others of a cluster call it."""
    with server.plain() as client:
        return str(client.execute_command("CLUSTER MYID"))


def come_back(shard: RealRedis) -> None:
    """Start it again, and wait until it serves what it holds."""
    shard.start()
    _until([shard], "cluster_state", "ok")


def _shard(options: tuple[str, ...]) -> tuple[str, ...]:
    alone = ("--cluster-require-full-coverage", "no", "--cluster-replica-no-failover", "yes")
    return ("--cluster-enabled", "yes", *alone, "--appendonly", "yes", *options)


def _introduce(server: RealRedis, number: int, to: int) -> None:
    with server.plain() as client:
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        if number < MASTERS:
            client.execute_command("CLUSTER ADDSLOTS", *slots_of(number))
        if number:
            client.execute_command("CLUSTER MEET", "127.0.0.1", to)


def _until(servers: list[RealRedis], fact: str, value: str) -> None:
    until = time.monotonic() + PATIENCE_S
    for server in servers:
        with server.plain() as client:
            while client.execute_command("CLUSTER INFO")[fact] != value:
                assert time.monotonic() < until
                time.sleep(0.05)
