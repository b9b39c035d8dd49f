"""Lists as a judge of training: the evaluator's, asked for validation users."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from models.evaluate.recommend.slice import AS_NAMED, judged, world_in
from models.evaluate.recommend.world import Reading
from models.llm.checkpoint import checkpoint_in
from models.llm.engine import torch_engine
from models.sft.choices import Tuning
from models.sft.trainer import Judge
from service.settings import Settings


@contextmanager
def judge_in(  # noqa: PLR0913 - what is judged in which world, and where that is made
    data: Path,
    model: Path,
    choices: Tuning,
    settings: Settings,
    *,
    work: Path | None = None,
    reading: Reading = AS_NAMED,
) -> Iterator[Judge]:
    """A judge in the world of a data set, whose catalogue is spelled for the model's tokenizer."""
    tokenizer = checkpoint_in(model).tokenizer
    with world_in(data, settings, model, work=work, reading=reading) as world:

        def judge(module: nn.Module, name: str) -> Mapping[str, float]:
            engine = torch_engine(module, tokenizer, name)
            try:
                return named(
                    judged(
                        world,
                        engine,
                        choices.judged_users,
                        choices.judged_tasks,
                        choices.judged_rows,
                        seed=choices.seed,
                    )
                )
            finally:
                asyncio.run(engine.close())

        yield judge


def named(found: Mapping[str, Any]) -> dict[str, float]:
    """The evaluator's figures by names such as `sequential free NDCG@10` and `free NonExist`."""
    by_task = {
        f"{task} {row} {metric}": figure
        for task, rows in found["tasks"].items()
        for row, figures in rows.items()
        for metric, figure in figures.items()
    }
    form = {
        f"{row} {metric}": figure
        for row, figures in found["form"].items()
        for metric, figure in figures.items()
    }
    return by_task | form
