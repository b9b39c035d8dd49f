"""Answers over real vLLM servers: steered, by schema, and with one of them as the sidecar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from posed import NAMING, Posed, answers, injected, malformed, of_the_sample, others, own

from loadtest.real_vllm import Vllm
from service.domain import Cot, SupplementKind
from service.pipeline.answerer import Answerer
from service.question import Answered, AnswerPath, AnswerRequest, Task
from service.questions.text.words import count
from service.settings import load_settings
from service.wiring_answer import opened_answerer

SIDE_BY_SIDE = 8

WRITTEN = Posed(
    AnswerRequest("Describe a warm hat for a shop's page in at most 20 words."), Task.GENERATION
)


@asynccontextmanager
async def opened(
    kind: str, server: Vllm, cache: Path, sidecar: str = ""
) -> AsyncIterator[Answerer]:
    """What the settings make of such a server."""
    given = {
        "cache": {"folder": cache},
        "engine": {"kind": kind, "url": server.url},
        "sidecar": {"url": sidecar or None},
    }
    async with opened_answerer(load_settings(given)) as parts:
        assert parts.engine is not None
        # As when the service starts: it sees how the server stands before the first answer.
        assert await parts.engine.trouble() is None
        yield parts


async def side_by_side(parts: Answerer, posed: Iterable[Posed]) -> list[tuple[Posed, Answered]]:
    """As `answers`, some at a time: a server's batch costs little more than one of them."""
    some = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(each: Posed) -> list[tuple[Posed, Answered]]:
        async with some:
            return await answers(parts, [each])

    return [made for (made,) in await asyncio.gather(*map(one, posed))]


async def test_steered_all_are_the_models_own(server: Vllm, cache_dir: Path) -> None:
    async with opened("vllm", server, cache_dir) as parts:
        made = await side_by_side(parts, [*own(), *injected()])
    assert (malformed(made), others(made)) == ([], [])


async def test_steered_on_real_questions(server: Vllm, cache_dir: Path, shared_data: Path) -> None:
    async with opened("vllm", server, cache_dir) as parts:
        made = await side_by_side(parts, of_the_sample(shared_data, NAMING))
    assert len(made) > 12
    assert (malformed(made), others(made)) == ([], [])


@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_unsteered_all_are_well_formed(
    kind: str, plain_server: Vllm, cache_dir: Path
) -> None:
    async with opened(kind, plain_server, cache_dir) as parts:
        made = await side_by_side(parts, [*own(), *injected()])
    assert malformed(made) == []
    # A number that such a small model names twice is left out, and similarity completes the rest;
    # now and then it fills its limit with the blanks that JSON allows, and names nothing.
    assert sum(one.path is AnswerPath.LLM for _, one in made) > 0.8 * len(made)


@pytest.mark.parametrize("kind", ["vllm", "openai"])
async def test_a_text_keeps_its_limit(kind: str, plain_server: Vllm, cache_dir: Path) -> None:
    async with opened(kind, plain_server, cache_dir) as parts:
        ((_, made),) = await answers(parts, [WRITTEN])
    assert made.path is AnswerPath.LLM
    assert 0 < count(made.text) <= 20


async def test_a_real_sidecar_thinks(server: Vllm, plain_server: Vllm, cache_dir: Path) -> None:
    posed = Posed(
        AnswerRequest("Which keeps rain out?\n1. a straw hat\n2. a raincoat", cot=Cot.SIDECAR),
        Task.MULTIPLE_CHOICE,
        ("1", "2"),
    )
    async with opened("vllm", server, cache_dir, plain_server.url) as parts:
        made = await answers(parts, [posed, posed])
    assert (malformed(made), others(made)) == ([], [])
    thoughts = [
        supplement
        for _, one in made
        for supplement in one.supplements
        if supplement.kind is SupplementKind.THOUGHT
    ]
    assert [thought.cached for thought in thoughts] == [False, True]
    assert thoughts[0].text == thoughts[1].text
    assert thoughts[0].model
    assert thoughts[0].used or thoughts[0].failed
