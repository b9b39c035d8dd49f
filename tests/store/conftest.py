"""Real servers, started once for the tests of a worker that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from real_redis import RealRedis, real_cluster, real_redis


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RealRedis]]:
    with ExitStack() as stack:
        yield {
            "redis": stack.enter_context(real_redis(tmp_path_factory.mktemp("redis"))),
            "cluster": stack.enter_context(real_cluster(tmp_path_factory.mktemp("cluster"))),
        }
