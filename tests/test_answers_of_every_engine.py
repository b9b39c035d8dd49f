"""Real questions through every kind of engine: what comes back has the form asked for, always."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from engines.stub_server import Stub
from posed import NAMING, answers, injected, malformed, of_the_sample, others, own

from service.engines.local.convert import NAME, ensure_model
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.answerer import Answerer
from service.question import AnswerPath, Task
from service.settings import load_settings
from service.wiring_answer import opened_answerer

KINDS = ("embedded", "vllm", "vllm without plugin", "openai")
REMOTE = KINDS[1:]


@pytest.fixture(scope="module")
def tokenizer(cache_dir: Path) -> ChatTokenizer:
    return ChatTokenizer(ensure_model(cache_dir, print), NAME)


@asynccontextmanager
async def opened(
    kind: str, cache: Path, tokenizer: ChatTokenizer, say: str | None = None
) -> AsyncIterator[Answerer]:
    """What the settings make of such an engine, its server included."""
    async with AsyncExitStack() as stack:
        engine: dict[str, object] = {"kind": kind.split(maxsplit=1)[0]}
        if kind in REMOTE:
            stub = Stub(tokenizer, {}, plugin=kind == "vllm", say=say)
            engine["url"] = await stack.enter_async_context(stub.serving())
        settings = load_settings({"cache": {"folder": cache}, "engine": engine})
        yield await stack.enter_async_context(opened_answerer(settings))


@pytest.mark.parametrize("kind", KINDS)
async def test_own_questions(kind: str, cache_dir: Path, tokenizer: ChatTokenizer) -> None:
    async with opened(kind, cache_dir, tokenizer) as parts:
        made = await answers(parts, own())
    assert (malformed(made), others(made)) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
async def test_real_questions_that_name_options(
    kind: str, cache_dir: Path, tokenizer: ChatTokenizer, shared_data: Path
) -> None:
    async with opened(kind, cache_dir, tokenizer) as parts:
        made = await answers(parts, of_the_sample(shared_data, NAMING))
    assert len(made) > 12
    assert (malformed(made), others(made)) == ([], [])


async def test_all_other_real_questions(
    cache_dir: Path, tokenizer: ChatTokenizer, shared_data: Path
) -> None:
    async with opened("embedded", cache_dir, tokenizer) as parts:
        made = await answers(parts, of_the_sample(shared_data, set(Task) - set(NAMING)))
    assert len(made) > 4
    assert (malformed(made), others(made)) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
async def test_options_that_want_something_else(
    kind: str, cache_dir: Path, tokenizer: ChatTokenizer
) -> None:
    async with opened(kind, cache_dir, tokenizer) as parts:
        made = await answers(parts, injected())
    assert (malformed(made), others(made)) == ([], [])


@pytest.mark.parametrize("kind", REMOTE)
@pytest.mark.parametrize(
    "say", ["99", '{"numbers": [99, 98, 97, 96]}', "8,7,99", "A poem of rain\n\nDrip, drop."]
)
async def test_a_model_that_obeys_them(
    kind: str, say: str, cache_dir: Path, tokenizer: ChatTokenizer
) -> None:
    """It thinks and answers so; what it cannot be kept from saying is no answer."""
    async with opened(kind, cache_dir, tokenizer, say) as parts:
        made = await answers(parts, injected())
    assert malformed(made) == []
    # Steered it cannot say so; else similarity answers in its place.
    path = AnswerPath.LLM if kind == "vllm" else AnswerPath.SIMILAR
    assert {one.path for _, one in made} == {path}
