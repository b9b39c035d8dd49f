"""Models of one's own in the process: converted once, and as different as their weights are.

Three tiny models are converted for real, which takes some ten seconds each.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from models_tiny import tiny_checkpoint

from models.llm.adapters import Lora, load_adapted, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model, save_model
from service.domain import Intent, RecommendRequest, Strategy
from service.domain import Path as Road
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions
from service.engines.local.convert import NAME
from service.engines.local.convert_made import ensure_made
from service.engines.made_model import TOKENIZER_FILES, made_model
from service.errors import BadSettings, DamagedArtifact
from service.modelfolder import write_manifest
from service.pipeline.clock import Deadline
from service.pipeline.recommend import recommend
from service.ports import Slate
from service.prompts.rank import rank_prompt
from service.settings import load_settings
from service.steering.arrays import FloatArray
from service.wiring import build_catalogue, opened


@dataclass(frozen=True, slots=True)
class Shelf:
    """Three folders with models of one's own, and where they are converted to."""

    base: Path
    adapter: Path
    merged: Path
    cache: Path
    told: list[str]

    def converted(self, name: str) -> Path:
        folder: Path = getattr(self, name)
        return ensure_made(self.cache, made_model(name, folder), self.told.append)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Shelf:
    root = tmp_path_factory.mktemp("models")
    base = tiny_checkpoint(root / "base", cache_dir)
    parent = checkpoint_in(base)
    model = with_lora(load_model(parent), Lora())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=0.3)
    save_adapter(model, parent, root / "adapter")
    write_manifest(root / "adapter", {"name": "adapter"})
    _, merged = load_adapted(root / "adapter")
    save_model(merged, parent, root / "merged")
    # What the whole suite has converted is not to be mixed up with what this one converts.
    cache = root / "cache"
    cache.mkdir()
    for kept in cache_dir.glob("SmolLM2-*"):
        (cache / kept.name).symlink_to(kept)
    return Shelf(base, root / "adapter", root / "merged", cache, [])


def weighed(folder: Path) -> FloatArray:
    """What a model thinks of some titles."""

    async def scores() -> FloatArray:
        engine = EmbeddedEngine(folder, EmbeddedOptions(context=1024))
        try:
            marks = engine.marks(8)
            titles = [f"{colour} mug" for colour in ("red", "blue", "green", "grey") * 2]
            prompt = rank_prompt((), Intent(text="a gift"), marks, titles)
            return (await engine.weigh(Slate(prompt, marks, Deadline(30.0)))).scores
        finally:
            await engine.close()

    return asyncio.run(scores())


def test_an_adapter_changes_the_model_and_equals_it_merged(shelf: Shelf) -> None:
    base, adapter, merged = (weighed(shelf.converted(n)) for n in ("base", "adapter", "merged"))
    assert np.abs(base - adapter).max() > 0.05
    assert adapter == pytest.approx(merged, abs=1e-5)


def test_it_is_converted_once_for_its_weights(shelf: Shelf) -> None:
    folder = shelf.converted("adapter")
    told = len(shelf.told)
    assert shelf.converted("adapter") == folder
    assert len(shelf.told) == told
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["name"].startswith("adapter-int4@")
    assert folder.name.startswith(manifest["name"])


def test_its_tokenizer_is_as_it_was(shelf: Shelf) -> None:
    for name in TOKENIZER_FILES[:2]:
        assert (shelf.converted("adapter") / name).read_bytes() == (shelf.base / name).read_bytes()


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> Path:
    file = tmp_path_factory.mktemp("shop") / "items.jsonl"
    titles = [f"{a} {b}" for a in ("Red", "Blue", "Green") for b in ("Mug", "Lamp", "Sock", "Book")]
    rows = [{"id": f"i{n}", "title": title, "categories": []} for n, title in enumerate(titles)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    given = {"cache": {"folder": shelf.cache}, "retrieval": {"similarity": False}}
    return build_catalogue(file, None, file.parent / "built", load_settings(given))


@pytest.fixture
def given(shelf: Shelf, catalogue: Path) -> dict[str, Any]:
    return {
        "cache": {"folder": shelf.cache},
        "catalogue": {"path": catalogue},
        "retrieval": {"similarity": False, "sasrec": False},
        "engine": {
            "models": {"base": shelf.base, "adapter": shelf.adapter, "merged": shelf.merged},
            "model": "base",
            "context": 1024,
        },
        "variants": {"adapter": {"model": "adapter"}, "merged": {"model": "merged"}},
    }


async def test_variants_decode_with_their_own(given: dict[str, Any], shelf: Shelf) -> None:
    lists: dict[str | None, list[str]] = {}
    async with opened(load_settings(given)) as parts:
        assert await parts.amiss() == []
        for variant in (None, "adapter", "merged"):
            request = RecommendRequest(
                k=6,
                strategy=Strategy.GENERATE,
                prior_weight=0.0,
                deadline_ms=60_000,
                variant=variant,
            )
            made = await recommend(parts.recommender, request, "r")
            receipt = made.receipt
            assert (receipt.path, receipt.exists, receipt.repaired) == (Road.LLM, 6, 0)
            assert receipt.variant == (variant or "default")
            assert (receipt.model or "").startswith(f"{variant or 'base'}-int4@")
            lists[variant] = [line.item.id for line in made.items]
    assert lists["adapter"] == lists["merged"] != lists[None]


@pytest.fixture
def foreign(shelf: Shelf) -> Iterator[Path]:
    """A converted model that spells otherwise."""
    folder = shelf.converted("merged")
    manifest, file = folder / "manifest.json", folder / "tokenizer.json"
    kept = manifest.read_bytes(), file.read_bytes()
    file.write_bytes(kept[1] + b"\n")
    write_manifest(folder, {"name": json.loads(kept[0])["name"]})
    yield folder
    manifest.write_bytes(kept[0])
    file.write_bytes(kept[1])


async def test_another_tokenizer_stops_the_start(given: dict[str, Any], foreign: Path) -> None:
    del given["variants"]["adapter"]
    with pytest.raises(BadSettings, match=r"VARIANTS: the model of merged, .* another tokenizer"):
        async with opened(load_settings(given)):
            pass
    given["variants"] = {}
    given["engine"]["model"] = "merged"
    with pytest.raises(DamagedArtifact, match="tokenizer"):
        async with opened(load_settings(given)):
            pass
    assert foreign.name.startswith("merged-int4@")


async def test_the_small_model_is_there_by_its_name(given: dict[str, Any]) -> None:
    given["variants"] = {"small": {"model": NAME}}
    async with opened(load_settings(given)) as parts:
        engine = parts.recommender.others["small"].engine
        assert engine is not None
        assert engine.model == NAME
