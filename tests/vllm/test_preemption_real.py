"""A real server whose cache is too small for its batch: lists that are taken out and put back."""

from __future__ import annotations

import asyncio
import random
import re
import urllib.request
from pathlib import Path

from engine_conformance import World
from stock import Catalogues

from loadtest.real_vllm import Vllm, with_plugin
from service.catalog.artifact import load
from service.domain import Controls, Intent, Recommendation, Sampling
from service.domain import Path as Road
from service.engines.local.checkpoint import NAME
from service.engines.remote.engine import RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.pipeline.validate import judge

CONTEXT = "2048"
BLOCKS = "66"
"""Of 32 tokens each: one request may fill a whole context, sixteen lists do not fit."""
LISTS = 16
ROUNDS = 4
K = 8


def preemptions(server: Vllm) -> int:
    """How often a request was taken out of the batch, by the server's own count."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:  # noqa: S310
        text = answer.read().decode()
    counts = re.findall(r"^vllm:num_preemptions_total(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE)
    assert counts
    return sum(int(float(count)) for count in counts)


async def test_preempted_lists_are_valid_and_obedient(
    tmp_path: Path, checkpoint: Path, catalogues: Catalogues
) -> None:
    tokenizer = ChatTokenizer(checkpoint, NAME)
    large = load(catalogues.large, tokenizer=tokenizer)
    small = ("--max-model-len", CONTEXT, "--num-gpu-blocks-override", BLOCKS)
    server = with_plugin(tmp_path, checkpoint, catalogues.folder, *small)
    engine = VllmEngine(tokenizer, RemoteOptions(server.start().url))
    try:
        world = World(engine, large)
        for turn in range(ROUNDS):
            dice = [random.Random(turn * LISTS + number) for number in range(LISTS)]
            await asyncio.gather(*(one(world, each) for each in dice))
            if preemptions(server):
                break
        assert preemptions(server) > 0
    finally:
        await engine.close()
        server.stop()


async def one(world: World, dice: random.Random) -> None:
    """A long list that excludes a history and a category, judged."""
    history = world.ids(dice.choice((3, 40)), dice)
    controls = Controls(exclude=tuple(dice.sample(list(world.catalogue.categories), 1)))
    answer: Recommendation = await world.list(
        k=K,
        history=history,
        intent=Intent(controls=controls),
        sampling=Sampling(0.8, dice.randint(0, 9)),
        deadline_ms=120_000,
    )
    items = [line.item for line in answer.items]
    assert not judge(items, K, frozenset(history), controls).violations
    assert (answer.receipt.path, answer.receipt.repaired) == (Road.LLM, 0)
