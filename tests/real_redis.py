"""A real Redis for the tests, alone or as a cluster of one, which refuses what a large one does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from loadtest.real_redis import PATIENCE_S, RealRedis, free_port, real_redis

__all__ = ["PATIENCE_S", "RealRedis", "free_port", "real_cluster", "real_redis"]


@contextlib.contextmanager
def real_cluster(folder: Path) -> Iterator[RealRedis]:
    """It has all the slots, and takes no command over keys of two of them."""
    with real_redis(folder, "--cluster-enabled", "yes") as server:
        with server.plain() as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(16384))
            until = time.monotonic() + PATIENCE_S
            while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                assert time.monotonic() < until
                time.sleep(0.02)
        yield server
