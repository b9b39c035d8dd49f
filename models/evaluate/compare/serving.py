"""A vLLM of one's own for as long as one model is measured; it ends whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from service.cli import guard
from service.cli.offline import ending_on_request
from service.cli.vllm_server import HOST, Launch
from service.errors import BadInput, EngineFailed

STARTS_WITHIN_S: Final = 600.0
ENDS_WITHIN_S: Final = 30.0
LOOKS_EVERY_S: Final = 0.5
TOLD_LINES: Final = 12

TIMED: Final = ("--no-enable-prefix-caching",)
"""Every road sends the same prompts: all but the first would find them read already."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where it answers, and which process it is."""

    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Starting:
    """How a vLLM is started."""

    python: Path
    """Of its environment."""
    options: tuple[str, ...] = ()
    """Of vLLM itself: they win over ours, which are for a CPU."""
    within_s: float = STARTS_WITHIN_S


def refuse_missing(python: Path) -> None:
    """BadInput unless there is a Python to start it with."""
    if not python.is_file():
        raise BadInput(
            f"There is no Python with vLLM at {python}.",
            hint="Name it with --vllm-python; `make vllm` installs one.",
        )


@asynccontextmanager
async def running(
    how: Starting, checkpoint: Path, catalogues: Path | None, context: int, name: str
) -> AsyncIterator[Running]:
    """Start it on a free port of loopback, wait until it answers, and end it.

    Paths of models and catalogues are absolute: it runs in a folder of its own. `name` is what it
    calls the model.
    """
    python = how.python.absolute()
    more = (*TIMED, *how.options)
    launch = Launch(python, checkpoint, _port(), catalogues, context=context, more=more, name=name)
    with ending_on_request(), tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "vllm.log"
        async with _guard() as guarded:
            with log.open("wb") as told:
                process = await asyncio.create_subprocess_exec(
                    *launch.command(),
                    env=launch.environment(),
                    cwd=folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=told,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                )
            try:
                guarded(process.pid)
                url = f"http://{HOST}:{launch.port}"
                await _healthy(process, url, log, how.within_s)
                yield Running(url, process.pid)
            finally:
                await _ended(process)


@asynccontextmanager
async def _guard() -> AsyncIterator[Callable[[int], None]]:
    """Who ends the group that it is told of should this process be killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", guard.__file__),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    told = process.stdin
    try:
        yield lambda group: told.write(str(group).encode("ascii"))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def _healthy(
    process: asyncio.subprocess.Process, url: str, log: Path, within_s: float
) -> None:
    """EngineFailed with the end of its log, if it ends first or takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s), httpx.AsyncClient(trust_env=False) as client:
            while process.returncode is None:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{url}/health")).is_success:
                        return
                await asyncio.sleep(LOOKS_EVERY_S)
    raise EngineFailed(f"vLLM did not start:\n{_tail(log)}")


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-TOLD_LINES:])


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Asked to end, then made to: with all processes that came of it."""
    if process.returncode is None:
        process.terminate()
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
