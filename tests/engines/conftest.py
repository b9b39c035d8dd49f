from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from published import LLAMA, PHI, byte_level, published, sentence_pieces
from remote_world import Desk, toys, vllm
from stub_server import Stub
from toyshop import ToyCatalogue

from service.engines.embedded import EmbeddedEngine, EmbeddedOptions, Loaded
from service.engines.local.convert import NAME, ensure_model
from service.engines.local.runtime import Model
from service.engines.text.tokenizer import ChatTokenizer


@pytest.fixture(scope="session")
def model_folder(cache_dir: Path) -> Path:
    return ensure_model(cache_dir, print)


@pytest.fixture(scope="session")
def tokenizer(model_folder: Path) -> ChatTokenizer:
    return ChatTokenizer(model_folder, NAME)


@pytest.fixture(scope="session")
def in_memory(model_folder: Path, tokenizer: ChatTokenizer) -> Loaded:
    """The small model as an engine of its folder would load it; nothing that reads changes it."""
    usual = EmbeddedOptions()
    return Loaded(NAME, Model(model_folder, usual.threads, usual.context), tokenizer)


@pytest.fixture
def llama(tmp_path: Path) -> ChatTokenizer:
    return published(
        tmp_path,
        byte_level(),
        bos_token={"content": "<|begin_of_text|>", "lstrip": False},
        eos_token={"content": "<|eot_id|>", "lstrip": False},
        chat_template=LLAMA,
    )


@pytest.fixture
def phi(tmp_path: Path) -> ChatTokenizer:
    return published(
        tmp_path,
        sentence_pieces(),
        bos_token=None,
        eos_token="<|endoftext|>",  # noqa: S106
        chat_template=[
            {"name": "tool_use", "template": "no"},
            {"name": "default", "template": PHI},
        ],
    )


@pytest.fixture
async def engine(in_memory: Loaded) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(in_memory, EmbeddedOptions(queue=1))
    yield engine
    await engine.close()


@pytest.fixture(scope="module")
def catalogue(tokenizer: ChatTokenizer) -> ToyCatalogue:
    return toys(tokenizer)


@pytest.fixture
def stub(tokenizer: ChatTokenizer, catalogue: ToyCatalogue) -> Stub:
    return Stub(tokenizer, {"toy": catalogue})


@pytest.fixture
async def desk(
    stub: Stub, tokenizer: ChatTokenizer, catalogue: ToyCatalogue
) -> AsyncIterator[Desk]:
    async with stub.serving() as url, vllm(url, catalogue, tokenizer, concurrent=4) as desk:
        yield desk
