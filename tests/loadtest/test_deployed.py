"""Redis is measured as it is deployed, by a file of the deployment that a real Redis takes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from real_redis import real_redis

from loadtest.faults.deployed import redis_options


def test_a_real_redis_takes_what_is_deployed(tmp_path: Path) -> None:
    with real_redis(tmp_path, *redis_options()) as server, server.plain() as client:
        assert client.config_get("append*")["appendonly"] == "yes"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
        # Whatever was acknowledged has to be in the file, or no fault could be survived.
        assert client.config_get("appendfsync") == {"appendfsync": "always"}


def test_what_belongs_to_a_place_stays_there(tmp_path: Path) -> None:
    file = tmp_path / "redis.conf"
    file.write_text('# So it is.\ndir /data\n\nsave 900 1  # a copy\nrename-command FLUSHALL ""\n')
    options = redis_options(file)
    assert options == ("--save", "900", "1", "--rename-command", "FLUSHALL", "")
    assert ("--appendonly", "yes") in set(pairwise(redis_options()))
