"""`python -m models.evaluate recommend` and its options."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from models.data.demo import data_folder
from models.evaluate.in_process import InProcess
from models.evaluate.options import Base, Engine, EngineUrl, Json, Markdown, Model
from models.evaluate.recommend.evaluation import Wanted, evaluated
from models.evaluate.recommend.plots import check, draw_plots
from models.evaluate.recommend.rows import RowName
from models.evaluate.recommend.tables import show, write
from models.evaluate.recommend.tasks import Task
from models.evaluate.recommend.world import Making, Reading
from models.evaluate.running import How
from models.steps.options import Named, SkipBad, Work
from models.tune.strategies import FEWEST
from service.cli.building import columns
from service.cli.console import err, errors_told, out
from service.cli.progress import progress
from service.errors import BadInput
from service.settings import load_settings

Name = TypeVar("Name", bound=StrEnum)


def recommend(  # noqa: PLR0913 - each is an option of the command line
    data: Annotated[
        Path,
        typer.Option(
            help="Folder: MovieLens' CSV, RecBole's atomic files, or the like; or `demo`, the shop."
        ),
    ],
    *,
    k: Annotated[int, typer.Option(min=1, help="Items in a list.")] = 10,
    users: Annotated[
        int | None, typer.Option(min=1, help="Ask for so many users, drawn with the seed.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of users, controls and words.")] = 1,
    column: Named = [],  # noqa: B006
    skip_bad: SkipBad = False,
    rows: Annotated[
        list[str], typer.Option(help=f"Only this row. Repeat. {', '.join(RowName)}.")
    ] = [],  # noqa: B006
    tasks: Annotated[
        list[str], typer.Option(help=f"Only this task. Repeat. {', '.join(Task)}.")
    ] = [],  # noqa: B006
    engine: Engine = None,
    engine_url: EngineUrl = None,
    model: Model = None,
    base: Base = None,
    concurrent: Annotated[int, typer.Option(min=1, help="Lists at a time.")] = 1,
    work: Work = None,
    tune_users: Annotated[
        int,
        typer.Option(
            min=0,
            help=f"Validation users to find the prior's weight with, {FEWEST} or more; 0: none.",
        ),
    ] = 60,
    keep: Annotated[
        Path | None, typer.Option(help="File of lists, to go on where a run was ended.")
    ] = None,
    markdown: Markdown = None,
    json: Json = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder: draw quality by weight, and by latency.")
    ] = None,
) -> None:
    """Measure lists: accuracy, obedience, form; by every road, on the same users.

    Each user's last item is left out and asked for; nothing may be learnt of it.
    """
    # The engine keeps no prompts: rows share some, and the times are to be of real reads.
    given = {"kind": engine, "url": engine_url, "kept": 0}
    with errors_told():
        judged = InProcess.named(model, base, engine, engine_url)
        settings = load_settings({"engine": {n: v for n, v in given.items() if v is not None}})
        chosen = _named(Task, tasks, "task")
        if plots is not None:
            check(chosen)
        wanted = Wanted(
            data=data_folder(data, settings),
            k=k,
            users=users,
            seed=seed,
            rows=_named(RowName, rows, "row"),
            tasks=chosen,
            weights=plots is not None,
            making=Making(work, tune_users),
            reading=Reading(columns(column), skip_bad),
        )
        with progress(err()) as report:
            how = How(report, concurrent, keep)
            summary = asyncio.run(evaluated(settings, wanted, how, judged))
        show(out(), summary)
        write(summary, markdown_to=markdown, json_to=json)
        if plots is not None:
            draw_plots(summary, plots)


def _named(kind: type[Name], names: Iterable[str], what: str) -> tuple[Name, ...]:
    """What names stand for, in the order of the kind; BadInput if one stands for nothing."""
    chosen = list(names)
    if unknown := [name for name in chosen if name not in {*kind}]:
        raise BadInput(f"There is no {what} {unknown[0]!r}.", hint=f"There are {', '.join(kind)}.")
    return tuple(one for one in kind if one in chosen)
