"""A model in memory, judged on some users in the middle of its making: figures, and nothing else.

    with world_in(data, settings, tokenizer_folder) as world:
        engine = torch_engine(model, tokenizer, "step 100")
        figures = judged(world, engine, users=50, tasks=(Task.SEQUENTIAL,), rows=(RowName.FREE,))
        asyncio.run(engine.close())

The requests, the roads and the metrics are those of `python -m models.evaluate recommend`. Neither
may be called where an event loop runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from models.data.split import sampled
from models.evaluate.in_process import as_set
from models.evaluate.recommend.answers import Posing, answered
from models.evaluate.recommend.figures import Figures
from models.evaluate.recommend.rows import WORDS, Roads, RowName
from models.evaluate.recommend.summary import ALL, Summary, TaskSummary, summarised
from models.evaluate.recommend.tasks import Task
from models.evaluate.recommend.world import (
    Making,
    Reading,
    World,
    spelled_alike,
    split_of,
    world_of,
)
from models.evaluate.running import How
from service.cli.progress import Report
from service.ports import Engine
from service.settings import Settings

Part: TypeAlias = Literal["validation", "test"]

NAMES: Final = {words: str(name) for name, words in WORDS.items()}
"""Rows by what tables call them."""

UNHEARD: Final = How()
AS_NAMED: Final = Reading()


@contextmanager
def world_in(  # noqa: PLR0913 - what it is made of, where, and who is told
    data: Path,
    settings: Settings,
    tokenizer: Path,
    *,
    work: Path | None = None,
    reading: Reading = AS_NAMED,
    report: Report = UNHEARD.report,
) -> Iterator[World]:
    """The world of a data set, spelled for the tokenizer in a folder, and without an engine.

    Catalogue and ranker are kept in the work folder, or in the cache: who opens it again finds
    them. `judged` puts a model into it.
    """
    split = split_of(data, reading)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        opening = world_of(split, as_set(settings, tokenizer), Making(work), report)
        try:
            yield runner.run(stack.enter_async_context(opening))
        finally:
            runner.run(stack.aclose())


def judged(  # noqa: PLR0913 - what is asked, of whom, by which roads
    world: World,
    engine: Engine,
    users: int | None,
    tasks: Sequence[Task],
    rows: Sequence[RowName],
    *,
    part: Part = "validation",
    k: int = 10,
    seed: int = 1,
    how: How = UNHEARD,
) -> dict[str, Any]:
    """What a model's lists are worth, asked for so many users, drawn with the seed.

    Fit for JSON: {"model": "step 100", "part": "validation", "k": 10,
    "tasks": {"sequential": {"free": {"HR@10": 0.1, "NDCG@10": 0.04, ..., "lists": 50,
    "failed": 0}}}, "form": {"free": {"CorrectCount": 0.9, "RepeatItem": ..., "NonExist": ...,
    "InHistory": ...}}, "failures": {"LLM free: why": 1}}. Tasks and rows go by their names on the
    command line; TCP@k is there for tasks with a category, CPA for those with a share. A task that
    no user has a request of is left out. A list that failed hits nothing.

    The history of a validation case is what came before the last meeting but one, and that one is
    its target. BadInput if none of the tasks can be asked; DamagedArtifact if the world was spelled
    for another tokenizer.
    """
    spelled_alike(world.catalogue, engine)
    recommender = replace(world.recommender, engine=engine)
    roads = Roads(recommender, world.tuning, world.made_of, world.untrained)
    made = [roads.row(name) for name in rows]
    cases = sampled(getattr(world.split, part), users, seed)
    lot, _ = asyncio.run(answered(world, Posing(k, tuple(tasks), seed), made, cases, how))
    return _plain(summarised(lot, {"model": engine.model, "part": part}, made))


def _plain(summary: Summary) -> dict[str, Any]:
    """The figures alone, without their intervals."""
    return {
        **summary.measured,
        "k": summary.k,
        "tasks": {str(task): _by_row(of) for task, of in summary.tasks.items()},
        "form": {NAMES[row]: _values(of) for row, of in summary.form.items()},
        "failures": dict(summary.failures),
    }


def _by_row(of: TaskSummary) -> dict[str, dict[str, float]]:
    return {
        NAMES[row]: _values(figures) | {"lists": of.took[row].lists, "failed": of.took[row].failed}
        for row, figures in of.slices[ALL].rows.items()
    }


def _values(figures: Figures) -> dict[str, float]:
    return {metric: figure.value.value for metric, figure in figures.items()}
