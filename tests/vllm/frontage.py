"""The whole service in this process, over a real vLLM, and a client that asks it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from service.api.app import create_app
from service.cli.serving import bounds_of
from service.settings import load_settings
from service.wiring import Parts, opened

RANKED = {"ranked", "popular"}
CONTROLS = {"exclude": ["Music"], "shares": [{"category": "Home", "op": "<=", "share": 0.4}]}


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done here is done in so many seconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


class Gateway:
    """The service, and a client that asks it."""

    def __init__(self, parts: Parts, client: httpx.AsyncClient) -> None:
        self.parts, self.client = parts, client

    async def list(self, **body: Any) -> dict[str, Any]:
        """One list, which obeys whatever has happened."""
        asked = {"k": 4, "intent": CONTROLS, "history": ["g1", "g2"], **body}
        response = await self.client.post("/recommend", json=asked)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        receipt = answer["receipt"]
        assert len(answer["items"]) == asked["k"]
        assert all(control["holds"] for control in receipt["controls"])
        assert (receipt["exists"], receipt["repeats"], receipt["in_history"]) == (asked["k"], 0, 0)
        return receipt

    async def troubles(self) -> list[str]:
        """What /readyz says that lists have to do without."""
        response = await self.client.get("/readyz")
        assert response.status_code == 200
        degraded: list[str] = response.json()["degraded"]
        return degraded

    async def well_again(self, within: float = 15.0) -> None:
        """Wait until the service has noticed that the server is there."""
        end = time.monotonic() + within
        while await self.troubles():
            assert time.monotonic() < end
            await asyncio.sleep(0.2)


@asynccontextmanager
async def gateway(url: str, catalogue: Path, cache: Path) -> AsyncIterator[Gateway]:
    settings = load_settings(
        {
            "engine": {"kind": "vllm", "url": url},
            "catalogue": {"path": catalogue},
            "cache": {"folder": cache},
            "retrieval": {"similarity": False},
        }
    )
    async with opened(settings) as parts:
        transport = httpx.ASGITransport(create_app(parts, bounds_of(settings)))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Gateway(parts, client)
