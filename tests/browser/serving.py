"""`listwright serve` as a process, as operators run it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from real_redis import free_port

PATIENCE_S = 60.0
KEY, SLOW = "lw_of-the-shop", "lw_of-who-is-slow"
"""What lets one in to the service that has keys; the second not often."""

LISTWRIGHT = (sys.executable, "-c", "from service.cli import main; main()")


@dataclass(frozen=True)
class Service:
    url: str
    log: Path

    def logged(self) -> str:
        return self.log.read_text("utf-8")

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_S) as client:
            return await client.get(path)

    async def post(self, path: str, body: object) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_S) as client:
            return await client.post(path, json=body)


@asynccontextmanager
async def served(catalogue: Path, log: Path, variables: dict[str, str]) -> AsyncIterator[Service]:
    """The service over a catalogue, until the block ends."""
    port = free_port()
    command = [*LISTWRIGHT, "serve", "--catalogue", str(catalogue), "--port", str(port)]
    service = Service(f"http://127.0.0.1:{port}", log)
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | variables, stderr=written
        )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await _ready(service):
                assert process.returncode is None, service.logged()
                await asyncio.sleep(0.05)
        yield service
    finally:
        if process.returncode is None:
            process.terminate()
        assert await process.wait() == 0, service.logged()


async def _ready(service: Service) -> bool:
    try:
        return (await service.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
