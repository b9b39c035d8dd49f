"""All that runs: Redis, an engine, a sidecar, the gateway, and the roads between them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from loadtest.faults.child import Child
from loadtest.faults.deployed import redis_options
from loadtest.faults.road import Road
from loadtest.faults.shop import Versions
from loadtest.real_redis import RealRedis, free_port
from service.access.keyring import entry_of, new_key

START_S: Final = 60.0
RATE: Final = "100000/minute"
"""A limit that is counted for every request, and never reached."""

DRAIN_S: Final = 1.0
SHUTDOWN_S: Final = 20
FEW: Final = 10
"""Requests that a key with a limit may make; no phase is so long that it may make more."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may ask: a shop, its administrator, and one who may not ask often."""

    shop: str
    admin: str
    few: str


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
    keys: Keys

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
    folder: Path, versions: Versions, cores: tuple[set[int], set[int]], deadline_ms: int
) -> AsyncIterator[Stage]:
    """Everything, running: the gateway on the first cores, all else on the others."""
    async with AsyncExitStack() as stack:
        redis = RealRedis(folder, free_port(), redis_options())
        stack.callback(redis.stop)
        await asyncio.to_thread(redis.start)
        redis_road = Road(redis.port)
        redis_port = await stack.enter_async_context(redis_road.open())
        engine, engine_port = await _upstream(stack, folder / "engine.log", cores[1])
        sidecar, sidecar_port = await _upstream(stack, folder / "sidecar.log", cores[1])
        keys = _written(folder / "keys.toml")
        port = free_port()
        gateway = Child(
            _serving(versions.folder, port),
            folder / "gateway.log",
            cores[0],
            _settings(redis_port, engine_port, sidecar_port)
            | _variables({"ACCESS__KEYS": folder / "keys.toml"} | _patience(deadline_ms)),
        )
        # Not here: the roads, which it may need in order to end, are carried by this loop.
        stack.push_async_callback(asyncio.to_thread, gateway.end)
        url = f"http://127.0.0.1:{port}"
        stage = Stage(versions, redis, redis_road, engine, sidecar, gateway, url, keys)
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


def _written(file: Path) -> Keys:
    keys = Keys(new_key(), new_key(), new_key())
    entries = [
        entry_of(keys.shop, name="shop", rate=RATE),
        entry_of(keys.admin, name="admin", admin=True),
        entry_of(keys.few, name="few", rate=f"{FEW}/hour"),
    ]
    file.write_text("\n\n".join(entries) + "\n", "utf-8")
    return keys


def _settings(redis: int, engine: int, sidecar: int) -> dict[str, str]:
    return _variables(
        {
            "STORE__KIND": "redis",
            "STORE__URL": f"redis://127.0.0.1:{redis}/0",
            "ENGINE__KIND": "openai",
            "ENGINE__URL": f"http://127.0.0.1:{engine}",
            "SIDECAR__URL": f"http://127.0.0.1:{sidecar}",
            "SERVER__LOG_LEVEL": "warning",
            "SERVER__DRAIN_SECONDS": DRAIN_S,
            "SERVER__SHUTDOWN_SECONDS": SHUTDOWN_S,
        }
    )


def _patience(deadline_ms: int) -> dict[str, object]:
    """How long may be waited for the process itself and for Redis, of the deadline that is asked.

    With the ordinary one these are the defaults, but that half as much may wait.
    """
    return {"SERVER__BUSY_MS": deadline_ms // 4, "STORE__TIMEOUT_MS": deadline_ms // 2}


def _variables(settings: Mapping[str, object]) -> dict[str, str]:
    return {f"LISTWRIGHT_{name}": str(value) for name, value in settings.items()}


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
