"""The engines behind HTTP, against the suite that all engines pass, over real vLLM servers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from engine_conformance import EngineConformance, World
from obeying import obeyed
from stock import Catalogues

from loadtest.real_vllm import Vllm
from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Path as Road
from service.engines.local.checkpoint import NAME
from service.engines.openai import OpenAiEngine
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine


@pytest.fixture(scope="module")
def tokenizer(checkpoint: Path) -> ChatTokenizer:
    return ChatTokenizer(checkpoint, NAME)


@pytest.fixture(scope="module")
def catalogue(catalogues: Catalogues, tokenizer: ChatTokenizer) -> LoadedCatalogue:
    return load(catalogues.large, tokenizer=tokenizer)


async def at_work(engine: RemoteEngine, catalogue: LoadedCatalogue) -> AsyncIterator[World]:
    # As when the service starts: it sees how the server stands before the first list.
    assert await engine.trouble() is None
    yield World(engine, catalogue)
    await engine.close()


class ServerConformance(EngineConformance):
    """The suite, with what takes a server longest in one batch of its own."""

    async def test_lists_are_valid_and_obedient(self, world: World) -> None:
        dice = [random.Random(500 + number) for number in range(self.lists)]
        receipts = await asyncio.gather(
            *(obeyed(world, 1 + n % 8, each) for n, each in enumerate(dice))
        )
        assert {(told.path, told.model) for told in receipts} == {(Road.LLM, world.engine.model)}


class TestVllmWithThePlugin(ServerConformance):
    @pytest.fixture
    async def world(
        self, server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer
    ) -> AsyncIterator[World]:
        async for world in at_work(VllmEngine(tokenizer, RemoteOptions(server.url)), catalogue):
            assert world.engine.labels == 0
            yield world


class TestVllmWithoutThePlugin(ServerConformance):
    lists = 6

    @pytest.fixture
    async def world(
        self, plain_server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer
    ) -> AsyncIterator[World]:
        options = RemoteOptions(plain_server.url, labels=20)
        async for world in at_work(VllmEngine(tokenizer, options), catalogue):
            assert world.engine.labels == 20
            yield world


class TestAnyServerOfOpenAisKind(ServerConformance):
    lists = 6

    @pytest.fixture
    async def world(self, plain_server: Vllm, catalogue: LoadedCatalogue) -> AsyncIterator[World]:
        options = RemoteOptions(plain_server.url, labels=20)
        async for world in at_work(OpenAiEngine(options), catalogue):
            yield world
