"""The tour: sample requests sent over HTTP to a running service, each checked as it comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from service.demo.samples import Sample
from service.errors import EngineTimeout
from service.pipeline.verify import verify
from service.ports import Catalogue

PATIENCE_S: Final = 120.0
"""How long the service may take to be ready, and each answer to come."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample, what came of it, and what is wrong with that."""

    sample: Sample
    answer: dict[str, Any]
    milliseconds: float
    problems: list[str]


async def tour(
    url: str, samples: Sequence[Sample], catalogue: Catalogue, history: Sequence[str]
) -> AsyncIterator[Shown]:
    """Wait until the service is ready, then send one sample after the other."""
    limit = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(url, timeout=limit) as session:
        await _ready(session)
        for sample in samples:
            began = time.perf_counter()
            answer = await _asked(session, {**sample.body, "explain": True})
            took = (time.perf_counter() - began) * 1e3
            yield Shown(sample, answer, took, problems(sample, answer, catalogue, history))


async def _asked(session: aiohttp.ClientSession, body: dict[str, Any]) -> dict[str, Any]:
    """The answer, or an error in its shape if none came."""
    try:
        async with session.post("/recommend", json=body) as response:
            answer: dict[str, Any] = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        message = f"{type(error).__name__}: {error}"
        return {"error": {"code": "no_answer", "message": message, "hint": ""}}
    return answer


async def _ready(session: aiohttp.ClientSession) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            async with session.get("/readyz") as response:
                if response.ok:
                    return
        except aiohttp.ClientConnectionError:
            pass  # it is not listening yet
        await asyncio.sleep(0.1)
    raise EngineTimeout(f"the service was not ready within {PATIENCE_S:.0f} s")


def problems(
    sample: Sample, answer: dict[str, Any], catalogue: Catalogue, history: Sequence[str]
) -> list[str]:
    """What is wrong with an answer: its receipt does not hold, or it is not the one expected."""
    code = answer.get("error", {}).get("code", "")
    if code != sample.refused:
        return [f"expected {sample.refused or 'a list'}, got {code or 'a list'}"]
    if code:
        return []
    known = history if "user_id" in sample.body else ()
    return verify(answer, catalogue, known)
