"""llama.cpp's real server, which nothing steers: candidates by number, and every promise kept."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from engine_conformance import LATE_S, PATIENCE_S, EngineConformance, World
from patience import until
from remote_world import Desk, openai, toys
from toyshop import ToyCatalogue

from service.engines.local.smollm2 import gguf
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import EngineTimeout

STARTS_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = Path(__file__).with_name("llama_server.py")
    command = [sys.executable, str(script), str(gguf()), str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as server:  # noqa: S603
        try:
            yield _healthy(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _healthy(url: str, server: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):  # noqa: S310 - on loopback
                return url
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("llama.cpp's server did not start")


@pytest.fixture(scope="module")
def catalogue(tokenizer: ChatTokenizer) -> ToyCatalogue:
    return toys(tokenizer)


@pytest.fixture
async def desk(url: str, catalogue: ToyCatalogue) -> AsyncIterator[Desk]:
    async with openai(url, catalogue, labels=10) as desk:
        yield desk


class TestConformance(EngineConformance):
    lists = 4

    @pytest.fixture
    def world(self, desk: Desk) -> World:
        return World(desk.engine, desk.catalogue)


async def test_it_names_itself(desk: Desk) -> None:
    assert await desk.engine.trouble() is None
    assert desk.engine.model == "SmolLM2"


async def test_rows_come_one_by_one(desk: Desk) -> None:
    work = asyncio.ensure_future(desk.ask(6, shown=20))
    await until(lambda: desk.told or work.done(), PATIENCE_S)
    early = len(desk.told)
    assert not work.done()
    made = await work
    assert 0 < early < len(made.rows)
    assert made.tokens > len(made.rows)
    assert 0 < (made.seconds_to_first or 0) < made.seconds


async def test_the_deadline_hands_in_what_there_is(desk: Desk) -> None:
    whole = await desk.ask(18, shown=20)
    early = 0.6 * whole.seconds
    began = time.monotonic()
    try:
        made = await desk.ask(18, shown=20, seconds=early)
    except EngineTimeout:
        assert desk.told == []
    else:
        assert made.stopped == "the deadline came" or len(made.rows) == len(whole.rows)
    assert time.monotonic() - began < early + LATE_S


async def test_who_goes_away_frees_the_model(desk: Desk) -> None:
    whole = await desk.ask(18, shown=20)
    for _ in range(4):
        desk.told.clear()
        work = asyncio.ensure_future(desk.ask(18, shown=20))
        await until(lambda work=work: desk.told or work.done(), PATIENCE_S)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    began = time.monotonic()
    await desk.ask(1, shown=20)
    # What four lists have left would take longer.
    assert time.monotonic() - began < 2 * whole.seconds
