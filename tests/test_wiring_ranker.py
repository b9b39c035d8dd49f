"""Opening the service with a ranker beside the catalogue, whole or not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import ringroad

from service.api.lists import RecommendAnswer
from service.domain import Recommendation, RecommendRequest
from service.pipeline.blend import said_by, with_age
from service.pipeline.recommend import recommend
from service.retrieval.ranker import ranker_root
from service.retrieval.ranker_publish import retuned
from service.settings import Settings, load_settings
from service.tuning import Blend, Situation, Tuning
from service.wiring import Parts, build_catalogue, opened


@pytest.fixture
def settings(cache_dir: Path, tmp_path: Path) -> Settings:
    shared = {
        "cache": {"folder": cache_dir},
        "retrieval": {"similarity": False},
        "engine": {"kind": "none"},
    }
    file = tmp_path / "items.jsonl"
    items = [{"id": name, "title": f"Stop {name}"} for name in ringroad.IDS]
    file.write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    built = build_catalogue(file, None, tmp_path / "built", load_settings(shared))
    return load_settings({**shared, "catalogue": {"path": built}})


def root(settings: Settings) -> Path:
    assert settings.catalogue.path is not None
    return ranker_root(settings.catalogue.path)


async def listed(parts: Parts) -> Recommendation:
    request = RecommendRequest(k=3, history=tuple(ringroad.IDS[4:9]))
    return await recommend(parts.recommender, request, "r")


async def test_a_receipt_names_the_version_of_the_ranker(settings: Settings) -> None:
    made = ringroad.publish(root(settings))
    async with opened(settings) as parts:
        assert await parts.amiss() == []
        told = parts.metrics.exposition().decode()
        assert f'listwright_ranker_info{{version="{made.name}"}} 1.0' in told
        assert "listwright_ranker_trouble 0.0" in told
        answer = await listed(parts)
        assert answer.receipt.ranker == made.name
        assert RecommendAnswer.of(answer).receipt.ranker == made.name
        assert answer.items[0].item.id == ringroad.IDS[9]


async def test_a_damaged_ranker_is_done_without_and_named(settings: Settings) -> None:
    (ringroad.publish(root(settings)) / "tuning.json").write_text("{}", "utf-8")
    async with opened(settings) as parts:
        (trouble,) = await parts.amiss()
        assert trouble.startswith("ranker: ")
        assert "tuning.json" in trouble
        receipt = (await listed(parts)).receipt
        assert (receipt.ranker, receipt.retrievers) == (None, ("popularity",))


async def test_without_a_ranker_nothing_is_amiss(settings: Settings) -> None:
    async with opened(settings) as parts:
        assert await parts.amiss() == []
        assert (await listed(parts)).receipt.ranker is None


async def test_all_that_a_blend_is_fitted_with_is_known(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    said = {name: np.zeros(3) for name in ("sasrec", "similarity", "search", "mentions")}
    said |= said_by("search", np.zeros(3), 0.0)
    fitted = with_age({"popularity": np.zeros(3), **said}, np.array([1, 9, 9]))
    ringroad.publish(root(settings))
    for names in (fitted, {**fitted, "luck": 0}):
        retuned(root(settings), Tuning({Situation("none"): Blend(dict.fromkeys(names, 1.0))}))
        async with opened(settings) as parts:
            assert await parts.amiss() == []
    (told,) = (record for record in caplog.records if "weighs" in record.getMessage())
    assert told.getMessage().endswith(": luck")
