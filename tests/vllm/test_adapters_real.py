"""Adapters on a real vLLM: loaded while it runs, steered like its own model, and never mixed."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from stock import Catalogues

from loadtest.real_vllm import CONTEXT, LEAN, PYTHON, Vllm, free_port
from models.llm.adapters import Lora, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from service.cli.vllm_server import MODEL, Launch
from service.domain import Intent, Receipt, Recommendation, RecommendRequest, Strategy
from service.domain import Path as Road
from service.engines.local.checkpoint import NAME
from service.engines.made_model import made_model
from service.engines.remote import watch
from service.engines.remote.engine import RemoteEngine, RemoteOptions
from service.engines.text.tokenizer import ChatTokenizer
from service.engines.vllm import VllmEngine
from service.modelfolder import write_manifest
from service.pipeline.clock import Deadline
from service.pipeline.recommend import recommend
from service.ports import Slate
from service.prompts.rank import rank_prompt
from service.settings import Settings, load_settings
from service.wiring import Parts, opened

RANK = 8


def adapter(folder: Path, checkpoint: Path, seed: int, rank: int = RANK) -> Path:
    """An adapter of random weights, which changes what the model says."""
    parent = checkpoint_in(checkpoint)
    with torch.random.fork_rng(devices=[]):
        # Before the adapter is there: half of its weights are drawn when it is made.
        torch.manual_seed(seed)
        model = with_lora(load_model(parent), Lora(rank=rank))
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=0.1)
    save_adapter(model, parent, folder)
    write_manifest(folder, {"name": folder.name})
    return folder


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Path:
    return adapter(tmp_path_factory.mktemp("adapters") / "tuned", checkpoint, seed=1)


@pytest.fixture(scope="module")
def lora_server(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, catalogues: Catalogues
) -> Iterator[Vllm]:
    """A server that may load adapters, and has none."""
    launch = Launch(
        PYTHON,
        checkpoint,
        free_port(),
        catalogues.folder,
        context=CONTEXT,
        adapters=RANK,
        more=LEAN,
    )
    running = Vllm(launch, tmp_path_factory.mktemp("lora") / "vllm.log")
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SOONEST_S", 0.0)


def settings_for(
    server: Vllm, catalogues: Catalogues, checkpoint: Path, cache: Path, folder: Path
) -> Settings:
    return load_settings(
        {
            "cache": {"folder": cache},
            "catalogue": {"path": catalogues.folder},
            "retrieval": {"similarity": False, "sasrec": False},
            "engine": {
                "kind": "vllm",
                "url": server.url,
                "tokenizer": checkpoint,
                "models": {"tuned": folder},
            },
            "variants": {
                "tuned": {"model": "tuned"},
                "weighed": {"model": "tuned", "strategy": "rank"},
            },
        }
    )


@pytest.fixture
def settings(
    lora_server: Vllm, catalogues: Catalogues, checkpoint: Path, cache_dir: Path, tuned: Path
) -> Settings:
    return settings_for(lora_server, catalogues, checkpoint, cache_dir, tuned)


async def all_well(parts: Parts) -> None:
    """Wait until nothing is amiss: a busy machine may need more than one look to load one."""
    async with asyncio.timeout(60):
        while await parts.amiss():  # noqa: ASYNC110 - asking is the waiting
            await asyncio.sleep(0.2)


async def listed(parts: Parts, variant: str | None, strategy: Strategy) -> Recommendation:
    request = RecommendRequest(
        k=5,
        history=("g1", "g7"),
        strategy=strategy,
        prior_weight=0.0,
        deadline_ms=60_000,
        variant=variant,
    )
    made = await recommend(parts.recommender, request, "r")
    assert (made.receipt.exists, made.receipt.repeats, made.receipt.in_history) == (5, 0, 0)
    return made


def account(receipt: Receipt) -> tuple[Road, Strategy, bool, str, str | None]:
    return receipt.path, receipt.strategy, receipt.degraded, receipt.variant, receipt.model


def names(server: Vllm) -> set[str]:
    with urllib.request.urlopen(f"{server.url}/v1/models", timeout=10) as answer:  # noqa: S310
        return {card["id"] for card in json.load(answer)["data"]}


def unload(server: Vllm, name: str) -> None:
    body = json.dumps({"lora_name": name}).encode()
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(f"{server.url}/v1/unload_lora_adapter", body, headers)  # noqa: S310
    urllib.request.urlopen(asked, timeout=30).close()  # noqa: S310


def engine_on(server: Vllm, checkpoint: Path, **options: Any) -> VllmEngine:
    tokenizer = ChatTokenizer(checkpoint, NAME)
    return VllmEngine(tokenizer, RemoteOptions(server.url, **options))


async def test_two_variants_side_by_side(
    settings: Settings, lora_server: Vllm, tuned: Path
) -> None:
    name = made_model("tuned", tuned).name
    async with opened(settings) as parts:
        await all_well(parts)
        assert {MODEL, name} <= names(lora_server)
        # In one batch: the server has both sets of weights in one step.
        base, other, weighed = await asyncio.gather(
            listed(parts, None, Strategy.GENERATE),
            listed(parts, "tuned", Strategy.GENERATE),
            listed(parts, "weighed", Strategy.AUTO),
        )
    assert account(base.receipt) == (Road.LLM, Strategy.GENERATE, False, "default", MODEL)
    assert account(other.receipt) == (Road.LLM, Strategy.GENERATE, False, "tuned", name)
    assert account(weighed.receipt) == (Road.LLM, Strategy.RANK, False, "weighed", name)
    assert base.receipt.repaired == other.receipt.repaired == 0
    assert [line.item.id for line in base.items] != [line.item.id for line in other.items]


async def test_the_adapter_changes_what_the_model_thinks(settings: Settings) -> None:
    async with opened(settings) as parts:
        await all_well(parts)
        engines = [parts.recommender.engine, parts.recommender.others["tuned"].engine]
        scores = []
        for engine in engines:
            assert isinstance(engine, RemoteEngine)
            marks = engine.marks(6)
            titles = [parts.catalogue.spelling(row) for row in range(6)]
            prompt = rank_prompt((), Intent(text="a gift"), marks, titles)
            scores.append((await engine.weigh(Slate(prompt, marks, Deadline(30.0)))).scores)
    assert np.abs(scores[0] - scores[1]).max() > 0.2


async def test_one_that_was_unloaded_comes_back(
    settings: Settings, lora_server: Vllm, tuned: Path
) -> None:
    name = made_model("tuned", tuned).name
    async with opened(settings) as parts:
        unload(lora_server, name)
        assert name not in names(lora_server)
        await all_well(parts)
        assert name in names(lora_server)
        receipt = (await listed(parts, "tuned", Strategy.GENERATE)).receipt
    assert account(receipt) == (Road.LLM, Strategy.GENERATE, False, "tuned", name)


async def test_other_weights_under_the_same_name_are_another_model(
    lora_server: Vllm,
    catalogues: Catalogues,
    checkpoint: Path,
    cache_dir: Path,
    tmp_path: Path,
    tuned: Path,
) -> None:
    before = made_model("tuned", tuned).name
    anew = adapter(tmp_path / "tuned", checkpoint, seed=2)
    settings = settings_for(lora_server, catalogues, checkpoint, cache_dir, anew)
    async with opened(settings) as parts:
        await all_well(parts)
        receipt = (await listed(parts, "tuned", Strategy.GENERATE)).receipt
    assert receipt.model == made_model("tuned", anew).name != before
    assert receipt.model in names(lora_server)


async def test_one_that_the_server_has_needs_no_folder(
    lora_server: Vllm, checkpoint: Path, tuned: Path
) -> None:
    first = engine_on(lora_server, checkpoint, model="by-hand", adapter=tuned)
    second = engine_on(lora_server, checkpoint, model="by-hand")
    try:
        async with asyncio.timeout(60):
            while await first.trouble():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.2)
        assert await second.trouble() is None
        assert second.watch.standing.context == CONTEXT
    finally:
        await first.close()
        await second.close()


async def test_what_the_server_cannot_load_is_told(
    lora_server: Vllm, checkpoint: Path, tmp_path: Path
) -> None:
    large = adapter(tmp_path / "large", checkpoint, seed=3, rank=2 * RANK)
    for folder, words in ((large, "--max-lora-rank"), (tmp_path / "gone", "under the same path")):
        engine = engine_on(lora_server, checkpoint, model="no-such", adapter=folder)
        try:
            trouble = await engine.trouble()
        finally:
            await engine.close()
        assert trouble is not None
        assert words in trouble
        assert str(tmp_path) not in trouble
    assert lora_server.healthy()
