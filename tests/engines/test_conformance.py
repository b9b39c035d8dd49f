"""The engines that need no server, against the suite that all engines pass."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from engine_conformance import EngineConformance, World
from toyshop import SpellingEngine, ToyCatalogue, toy_items

from service.engines.embedded import EmbeddedEngine, Loaded


class TestEmbedded(EngineConformance):
    @pytest.fixture
    async def world(self, in_memory: Loaded) -> AsyncIterator[World]:
        engine = EmbeddedEngine(in_memory)
        yield World(engine, ToyCatalogue(toy_items(), engine.tokenizer))
        await engine.close()


class TestTheFakeOfUnitTests(EngineConformance):
    @pytest.fixture
    def world(self) -> World:
        return World(SpellingEngine(), ToyCatalogue(toy_items()))
