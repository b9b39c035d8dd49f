from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.engines.convert import NAME, ensure_model
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.tokenizer import ChatTokenizer


@pytest.fixture(scope="session")
def model_folder(cache_dir: Path) -> Path:
    return ensure_model(cache_dir, print)


@pytest.fixture(scope="session")
def tokenizer(model_folder: Path) -> ChatTokenizer:
    return ChatTokenizer(model_folder, NAME)


@pytest.fixture
async def engine(model_folder: Path) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(model_folder, EmbeddedOptions(queue=1))
    yield engine
    await engine.close()
