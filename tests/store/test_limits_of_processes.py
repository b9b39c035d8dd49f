"""Several processes at once, each with connections of its own, let in just so many together."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from real_redis import real_redis

PROCESSES, EACH, RATE = 3, 60, "50/minute"

GATEWAY = """
import asyncio, sys
from limits import parse
from service.store.keys import Keys
from service.store.limits import RedisLimits
from service.store.redis_server import RedisOptions, RedisServer

async def main(url, rate, times):
    server = RedisServer(RedisOptions(url))
    limits = RedisLimits(server, Keys("p"))
    await limits.refused(parse(rate), "first")
    print("ready", flush=True)
    sys.stdin.readline()
    asked = (limits.refused(parse(rate), "shop") for _ in range(times))
    print((await asyncio.gather(*asked)).count(0.0))
    await server.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


async def test_processes_count_together(tmp_path: Path) -> None:
    with real_redis(tmp_path) as server:
        command = [sys.executable, "-c", GATEWAY, server.url, RATE, str(EACH)]
        gateways = [
            await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            for _ in range(PROCESSES)
        ]
        async with asyncio.timeout(60):
            for gateway in gateways:
                assert gateway.stdout is not None
                assert await gateway.stdout.readline() == b"ready\n"
            # All begin at once.
            said = await asyncio.gather(*(gateway.communicate(b"\n") for gateway in gateways))
    assert sum(int(out) for out, _ in said) == 50
