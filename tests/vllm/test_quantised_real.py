"""A model quantised by ours, in both layouts, behind a real vLLM: steered, and of one mind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from engine_conformance import World
from obeying import obeyed
from stock import Catalogues

from loadtest.real_vllm import Vllm, with_plugin
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.tokens import Tokens
from models.quantize.awq import make_awq
from models.quantize.calibration import drawn
from models.quantize.choices import AwqChoices, ReadChoices
from models.quantize.divergence import said
from models.quantize.rewriting import read, write_autoawq
from models.sft.data.example import Example, Wanted, write_examples
from models.steps.output import figures_of
from models.steps.telling import silently
from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Intent
from service.domain import Path as Road
from service.engines.local.checkpoint import NAME
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.prompts.recommend import recommend_prompt

CHOICES = AwqChoices(examples=12, held=6, tokens=1000, grid=3)
LISTS = 6

SAME_WEIGHTS = 0.9
"""Of likeliest tokens: vLLM computes the 4-bit weights otherwise than torch the read ones, and
where two tokens are nearly alike that decides."""

AS_MEASURED = 0.1
"""By how much a server's agreement with the original may fall short of what the step measured."""


@dataclass(frozen=True)
class Made:
    """The quantised model in both layouts, and what the same answers are worth before and after."""

    folders: dict[str, Path]
    held: tuple[Tokens, ...]
    original: list[torch.Tensor]
    own: list[torch.Tensor]
    agreement: float


@pytest.fixture(scope="module")
def tokenizer(checkpoint: Path) -> ChatTokenizer:
    return ChatTokenizer(checkpoint, NAME)


@pytest.fixture(scope="module")
def catalogue(catalogues: Catalogues, tokenizer: ChatTokenizer) -> LoadedCatalogue:
    return load(catalogues.large, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    checkpoint: Path,
    catalogue: LoadedCatalogue,
    tokenizer: ChatTokenizer,
) -> Made:
    folder = tmp_path_factory.mktemp("quantised")
    file = folder / "examples.jsonl"
    write_examples(file, examples(catalogue, CHOICES.examples + CHOICES.held))
    small = make_awq(Parent.named(checkpoint), file, CHOICES, folder / "compressed", silently)
    awq = folder / "autoawq"
    awq.mkdir()
    write_autoawq(checkpoint_in(small), figures_of(small)["group"], awq, silently)
    plain = read(awq, ReadChoices(), folder / "plain", silently)
    held = drawn(file, tokenizer, CHOICES).held
    original, own = (
        [told.argmax(-1) for told in said(load_model(checkpoint_in(one)), held, "", silently)]
        for one in (checkpoint, plain)
    )
    agreement = figures_of(small)["agreement"]
    return Made({"compressed": small, "autoawq": awq}, held, original, own, agreement)


def examples(catalogue: LoadedCatalogue, count: int) -> Iterator[Example]:
    """Prompts as they are served, with titles of the catalogue as answers."""
    dice = random.Random(3)
    for _ in range(count):
        items = [catalogue.item(row) for row in dice.sample(range(catalogue.size), 7)]
        titles = [item.title for item in items]
        wanted = Wanted(3, tuple(item.id for item in items[:4]), items[4].id)
        prompt = recommend_prompt(titles[:4], Intent(), 3)
        yield Example.of_list("i0", prompt, tuple(titles[4:]), wanted)


@pytest.fixture(scope="module", params=["compressed", "autoawq"])
def small_server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    made: Made,
    catalogues: Catalogues,
) -> Iterator[Vllm]:
    folder = tmp_path_factory.mktemp(request.param)
    running = with_plugin(folder, made.folders[request.param], catalogues.folder)
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
async def world(
    small_server: Vllm, catalogue: LoadedCatalogue, tokenizer: ChatTokenizer
) -> AsyncIterator[World]:
    engine = VllmEngine(tokenizer, RemoteOptions(small_server.url))
    assert await engine.trouble() is None
    yield World(engine, catalogue)
    await engine.close()


async def test_steered_lists_are_valid(world: World) -> None:
    dice = [random.Random(8 + number) for number in range(LISTS)]
    receipts = await asyncio.gather(*(obeyed(world, 5, each) for each in dice))
    assert {(receipt.path, receipt.repaired) for receipt in receipts} == {(Road.LLM, 0)}


def test_the_likeliest_tokens_agree(small_server: Vllm, made: Made) -> None:
    theirs = [likeliest(small_server, one) for one in made.held]
    own, original = agreement(theirs, made.own), agreement(theirs, made.original)
    assert own >= SAME_WEIGHTS
    assert original >= made.agreement - AS_MEASURED


def likeliest(server: Vllm, tokens: Tokens) -> list[int]:
    """What the server would have said at every place of an answer."""
    sent: dict[str, Any] = {
        "prompt": [*tokens.prompt, *tokens.answer],
        "prompt_logprobs": 1,
        "max_tokens": 1,
        "temperature": 0,
    }
    told: list[dict[str, Any]]
    with httpx.Client(base_url=server.url, timeout=60) as http:
        sent["model"] = http.get("/v1/models").json()["data"][0]["id"]
        told = http.post("/v1/completions", json=sent).json()["choices"][0]["prompt_logprobs"]
    return [_first(place) for place in told[-len(tokens.answer) :]]


def _first(place: dict[str, Any]) -> int:
    return next(int(token) for token, found in place.items() if found["rank"] == 1)


def agreement(theirs: list[list[int]], ours: list[torch.Tensor]) -> float:
    pairs = [
        pair
        for one, other in zip(theirs, ours, strict=True)
        for pair in zip(one, other.tolist(), strict=True)
    ]
    return sum(one == other for one, other in pairs) / len(pairs)
