"""A vLLM that the comparison starts for a model: it spells, its memory is told, and it is gone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from loadtest.real_vllm import PYTHON
from models.evaluate.compare.candidates import candidates_of
from models.evaluate.compare.choices import CompareChoices, Road
from models.evaluate.compare.findings import Inputs
from models.evaluate.compare.keeping import Keeping
from models.evaluate.compare.measuring import Comparison
from models.evaluate.compare.memory import children_of
from models.evaluate.compare.opening import Opener
from models.evaluate.compare.serving import Starting
from models.evaluate.recommend.world import Reading, split_of
from models.evaluate.running import How
from service.settings import load_settings


def films(folder: Path) -> Path:
    """A data set too small to train a ranker of, which no model needs."""
    folder.mkdir()
    items = [f'{n},"Film of {n} Lanterns ({1950 + n})",Heist' for n in range(12)]
    seen = [f"{user},{(user + at) % 12},4.0,{at}" for user in range(3) for at in range(4)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *items]) + "\n", "utf-8")
    head = "userId,movieId,rating,timestamp"
    (folder / "ratings.csv").write_text("\n".join([head, *seen]) + "\n", "utf-8")
    return folder


def test_lists_by_a_server_of_its_own(checkpoint: Path, cache_dir: Path, tmp_path: Path) -> None:
    settings = load_settings({"cache": {"folder": cache_dir}, "engine": {"kept": 0}})
    inputs = Inputs(split_of(films(tmp_path / "films"), Reading()), work=tmp_path / "work")
    choices = CompareChoices(rows=(Road.CONSTRAINED,), k=2, users=2)
    comparison = Comparison(Opener(settings, Starting(PYTHON)), choices, inputs, Keeping(), How())
    there = children_of(os.getpid())
    findings = asyncio.run(
        comparison.measured(candidates_of({"served": f"vllm:{checkpoint}"}, {}, {}))
    )
    (found,) = findings.models
    assert found.failure is None
    assert found.lot is not None
    tallies = [tally for of in found.lot.tasks.values() for tally in of.rows.values()]
    assert tallies
    assert not any(tally.failed for tally in tallies)
    assert found.room.weights is not None
    assert found.room.peak is not None
    assert found.room.peak > found.room.weights
    assert found.speeds["served, constrained"].rate is not None
    assert found.context == 8192
    assert children_of(os.getpid()) == there
