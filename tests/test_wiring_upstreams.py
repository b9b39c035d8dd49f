"""A list is handed out each time, whatever becomes of the server that models are asked at."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from engines.stub_server import Stub

from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Path as Road
from service.domain import RecommendRequest, Strategy
from service.engines.local.convert import NAME, ensure_model
from service.engines.remote import breaker
from service.engines.remote.breaker import FAILING, LEAST, PROBES
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.recommend import recommend
from service.settings import load_settings
from service.wiring import Parts, build_catalogue, opened

PAUSE_S = 0.2


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> LoadedCatalogue:
    folder = tmp_path_factory.mktemp("files")
    items = [{"id": f"i{n}", "title": f"Thing {n}", "categories": ["all"]} for n in range(30)]
    (folder / "items.jsonl").write_text("".join(json.dumps(i) + "\n" for i in items), "utf-8")
    settings = load_settings({"cache": {"folder": cache_dir}, "retrieval": {"similarity": False}})
    return load(build_catalogue(folder / "items.jsonl", None, folder / "built", settings))


@pytest.fixture
def stub(cache_dir: Path) -> Stub:
    return Stub(ChatTokenizer(ensure_model(cache_dir, print), NAME), {})


async def roads(parts: Parts, times: int) -> list[Road]:
    asked = RecommendRequest(k=3, strategy=Strategy.GENERATE, user_id=None)
    made = [await recommend(parts.recommender, asked, "r") for _ in range(times)]
    assert all(len({item.item.id for item in one.items}) == 3 for one in made)
    return [one.receipt.path for one in made]


async def test_lists_are_made_while_it_fails_and_by_it_again_when_it_is_well(
    stub: Stub, built: LoadedCatalogue, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_S", PAUSE_S)
    async with stub.serving() as url:
        given: dict[str, Any] = {
            "cache": {"folder": cache_dir},
            "catalogue": {"path": built.folder},
            "retrieval": {"similarity": False},
            "engine": {"kind": "openai", "url": url},
            "store": {"lists_seconds": 0},
        }
        async with opened(load_settings(given)) as parts:
            assert await roads(parts, 1) == [Road.LLM]
            stub.raw, before = b"data: <html>\n\n", len(stub.asked)
            assert Road.LLM not in await roads(parts, 3 * LEAST)
            assert len(stub.asked) - before < LEAST + PROBES
            (amiss,) = await parts.amiss()
            assert FAILING in amiss
            metrics = parts.metrics.exposition().decode()
            assert 'listwright_breaker_opened_total{upstream="engine"} 0' not in metrics
            stub.raw = None
            async with asyncio.timeout(20):
                while await parts.amiss():
                    await roads(parts, 1)
            assert await roads(parts, 3) == [Road.LLM] * 3
