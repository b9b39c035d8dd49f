"""All that runs: Redis, an engine, a sidecar, the gateway, and the roads between them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from loadtest.faults.child import Child
from loadtest.faults.road import Road
from loadtest.faults.shop import Versions
from loadtest.real_redis import RealRedis, free_port
from service.access.keyring import entry_of, new_key

START_S: Final = 60.0
RATE: Final = "100000/minute"
"""A limit that is counted for every request, and never reached."""

DRAIN_S: Final = 1.0
SHUTDOWN_S: Final = 20
APPENDED: Final = ("--appendonly", "yes", "--appendfsync", "always")
"""How Redis keeps all that it acknowledged, even when it is killed."""


@dataclass(slots=True)
class Upstream:
    """A server that the gateway needs, and the road to it."""

    child: Child
    road: Road


@dataclass(slots=True)
class Stage:
    """What faults are made on."""

    versions: Versions
    redis: RealRedis
    redis_road: Road
    engine: Upstream
    sidecar: Upstream
    gateway: Child
    url: str
    key: str
    admin: str

    async def start_gateway(self) -> None:
        """Start it, and wait until it is ready."""
        self.gateway.start()
        async with asyncio.timeout(START_S), aiohttp.ClientSession() as session:
            while not await _is_ready(session, self.url):
                if self.gateway.process is None or self.gateway.process.poll() is not None:
                    raise RuntimeError(self.gateway.log.read_text("utf-8"))
                await asyncio.sleep(0.1)


@asynccontextmanager
async def staged(
    folder: Path, versions: Versions, cores: tuple[set[int], set[int]]
) -> AsyncIterator[Stage]:
    """Everything, running: the gateway on the first cores, all else on the others."""
    async with AsyncExitStack() as stack:
        redis = RealRedis(folder, free_port(), APPENDED)
        stack.callback(redis.stop)
        await asyncio.to_thread(redis.start)
        redis_road = Road(redis.port)
        redis_port = await stack.enter_async_context(redis_road.open())
        engine, engine_port = await _upstream(stack, folder / "engine.log", cores[1])
        sidecar, sidecar_port = await _upstream(stack, folder / "sidecar.log", cores[1])
        key, admin, keys = _keys(folder / "keys.toml")
        port = free_port()
        gateway = Child(
            _serving(versions.folder, port),
            folder / "gateway.log",
            cores[0],
            _settings(keys, redis_port, engine_port, sidecar_port),
        )
        # Not here: the roads, which it may need in order to end, are carried by this loop.
        stack.push_async_callback(asyncio.to_thread, gateway.end)
        url = f"http://127.0.0.1:{port}"
        stage = Stage(versions, redis, redis_road, engine, sidecar, gateway, url, key, admin)
        await stage.start_gateway()
        yield stage


async def _upstream(stack: AsyncExitStack, log: Path, cores: set[int]) -> tuple[Upstream, int]:
    port = free_port()
    command = [sys.executable, "-m", "loadtest.faults.upstream", "--port", str(port)]
    upstream = Upstream(Child(command, log, cores), Road(port))
    stack.callback(upstream.child.kill)
    upstream.child.start()
    return upstream, await stack.enter_async_context(upstream.road.open())


def _serving(catalogue: Path, port: int) -> list[str]:
    program = [sys.executable, "-c", "from service.cli import main; main()"]
    return [*program, "serve", "--catalogue", str(catalogue), "--port", str(port)]


def _keys(file: Path) -> tuple[str, str, Path]:
    key, admin = new_key(), new_key()
    entries = [
        entry_of(key, name="shop", rate=RATE),
        entry_of(admin, name="admin", admin=True),
    ]
    file.write_text("\n\n".join(entries) + "\n", "utf-8")
    return key, admin, file


def _settings(keys: Path, redis: int, engine: int, sidecar: int) -> dict[str, str]:
    settings = {
        "ACCESS__KEYS": keys,
        "STORE__KIND": "redis",
        "STORE__URL": f"redis://127.0.0.1:{redis}/0",
        "ENGINE__KIND": "openai",
        "ENGINE__URL": f"http://127.0.0.1:{engine}",
        "SIDECAR__URL": f"http://127.0.0.1:{sidecar}",
        "SERVER__LOG_LEVEL": "warning",
        "SERVER__DRAIN_SECONDS": DRAIN_S,
        # A quarter of the deadline that is asked for.
        "SERVER__BUSY_MS": 250,
        "SERVER__SHUTDOWN_SECONDS": SHUTDOWN_S,
    }
    return {f"LISTWRIGHT_{name}": str(value) for name, value in settings.items()}


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
