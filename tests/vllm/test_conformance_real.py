"""The engines behind HTTP, against the suite that all engines pass, over real vLLM servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from engine_conformance import EngineConformance, World
from stock import Catalogues

from loadtest.real_vllm import Vllm
from service.catalog.artifact import LoadedCatalogue, load
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


class TestVllmWithThePlugin(EngineConformance):
    @pytest.fixture
    async def world(
        self, server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer
    ) -> AsyncIterator[World]:
        async for world in at_work(VllmEngine(tokenizer, RemoteOptions(server.url)), catalogue):
            assert world.engine.labels == 0
            yield world


class TestVllmWithoutThePlugin(EngineConformance):
    lists = 6

    @pytest.fixture
    async def world(
        self, plain_server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer
    ) -> AsyncIterator[World]:
        options = RemoteOptions(plain_server.url, labels=20)
        async for world in at_work(VllmEngine(tokenizer, options), catalogue):
            assert world.engine.labels == 20
            yield world


class TestAnyServerOfOpenAisKind(EngineConformance):
    lists = 6

    @pytest.fixture
    async def world(self, plain_server: Vllm, catalogue: LoadedCatalogue) -> AsyncIterator[World]:
        options = RemoteOptions(plain_server.url, labels=20)
        async for world in at_work(OpenAiEngine(options), catalogue):
            yield world
