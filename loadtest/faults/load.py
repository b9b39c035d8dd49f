"""The load, as whoever makes the faults sees it: a process that is told what to send."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson

from loadtest.faults.driver import FEW, KEY
from loadtest.faults.figures import Figures
from loadtest.faults.ledger import Balance
from loadtest.faults.outcome import Excuse, Window
from loadtest.faults.sending import Pace
from loadtest.faults.stage import Stage

LINE: Final = 2**20
"""Bytes: the figures of a phase are one line."""


@dataclass(frozen=True, slots=True)
class Load:
    """A driver that runs."""

    process: asyncio.subprocess.Process

    async def send(self, pace: Pace) -> None:
        """Load for one phase, to its end: by clients if there are any, else at a rate."""
        await self._tell("closed" if pace.clients else "open", pace=pace)

    async def judged(self, deadline_ms: int, excuse: Excuse, window: Window | None) -> Figures:
        """What came of all that was sent since it was last asked."""
        told = await self._tell("judged", deadline_ms=deadline_ms, excuse=excuse, window=window)
        return Figures(**told)

    async def kept(self) -> Balance:
        """What became of the events."""
        return Balance(**await self._tell("kept"))

    async def _tell(self, do: str, **how: Any) -> Any:
        """What it says when it has done as it was told."""
        writer, reader = self.process.stdin, self.process.stdout
        if writer is None or reader is None:
            raise RuntimeError("the driver has no pipes")
        writer.write(orjson.dumps({"do": do, **how}) + b"\n")
        await writer.drain()
        if not (line := await reader.readline()):
            raise RuntimeError(f"the driver ended with {await self.process.wait()}")
        return orjson.loads(line)


@asynccontextmanager
async def loading(stage: Stage, cores: set[int]) -> AsyncIterator[Load]:
    """A driver for a stage, on these cores."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.faults.driver", "--url", stage.url),
        *("--catalogue", str(stage.versions.folder)),
        env={**os.environ, KEY: stage.keys.shop, FEW: stage.keys.few},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE,
    )
    os.sched_setaffinity(process.pid, cores)
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
