"""Lists that judge a training, where models are served beside it as docs/models.md shows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from moviegoers import movielens
from sft_examples import choices

from models.evaluate.in_process import InProcess, answering
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.sft.judging import judge_in
from service.settings import load_settings


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch, cache_dir: Path, tiny: Path) -> None:
    monkeypatch.setenv("LISTWRIGHT_CACHE", str(cache_dir))
    monkeypatch.setenv("LISTWRIGHT_ENGINE__MODELS", json.dumps({"tuned": str(tiny)}))
    monkeypatch.setenv("LISTWRIGHT_ENGINE__MODEL", "tuned")
    monkeypatch.setenv("LISTWRIGHT_VARIANTS", '{"tuned": {"model": "tuned"}}')
    # Neither is asked here, and both take their time.
    monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SASREC", "false")
    monkeypatch.setenv("LISTWRIGHT_RETRIEVAL__SIMILARITY", "false")


def test_a_training_is_judged(tiny: Path, tmp_path: Path) -> None:
    data, chosen = movielens(tmp_path / "films"), choices(judged_users=1)
    with judge_in(data, tiny, chosen, load_settings({}), work=tmp_path / "work") as judge:
        figures = judge(load_model(checkpoint_in(tiny), "float32"), "step 1")
    assert "sequential free NDCG@10" in figures


def test_a_model_in_the_process_answers_alone(tiny: Path) -> None:
    async def asked() -> str:
        async with answering(InProcess(tiny), load_settings({})) as answerer:
            assert not answerer.others
            assert answerer.engine is not None
            return answerer.engine.model

    assert asyncio.run(asked()).startswith("tiny-lm@")
