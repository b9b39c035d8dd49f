"""`python -m models.evaluate`: how good are answers and lists, and what is each part worth?"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from models.evaluate.compare.command import compare
from models.evaluate.general.command import general
from models.evaluate.in_process import InProcess, answering
from models.evaluate.options import Base, Engine, EngineUrl, Json, Markdown, Model
from models.evaluate.questions import Asked, read_questions
from models.evaluate.recommend.command import recommend
from models.evaluate.roads import roads_of
from models.evaluate.rows import SIMILARITY_ALONE, Row
from models.evaluate.running import How
from models.evaluate.score_rows import score_rows
from models.evaluate.scores import Judge
from models.evaluate.summary import Summary
from models.evaluate.tables import show, write
from service.cli.console import err, errors_told, out
from service.cli.progress import progress
from service.domain import Cot
from service.pipeline.answerer import Answerer
from service.settings import load_settings
from service.wiring_answer import opened_answerer

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _several() -> None:
    """Evaluate what the service does."""


@app.command()
def answer(  # noqa: PLR0913 - each is an option of the command line
    file: Annotated[Path, typer.Option(help="Questions with their right answers, JSON lines.")],
    *,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Also without supplements, and with each alone.")
    ] = False,
    without: Annotated[
        list[str], typer.Option(help="With --ablate: a row without this element. Repeat.")
    ] = [],  # noqa: B006
    engine: Engine = None,
    engine_url: EngineUrl = None,
    model: Model = None,
    base: Base = None,
    concurrent: Annotated[int, typer.Option(min=1, help="Questions at a time.")] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="File of outcomes, to go on where a run was ended.")
    ] = None,
    markdown: Markdown = None,
    json: Json = None,
) -> None:
    """Score answers as the KDD Cup 2024 did.

    The `task_type` of the competition's lines says only under which heading an answer is scored:
    the pipeline has to find out by itself. `listwright answer --file` tells it.
    """
    # The engine keeps no prompts: rows share some, and the times are to be of real reads.
    given = {"kind": engine, "url": engine_url, "kept": 0}
    with errors_told():
        judged = InProcess.named(model, base, engine, engine_url)
        settings = load_settings({"engine": {n: v for n, v in given.items() if v is not None}})
        asked = read_questions(file)
        opened = opened_answerer(settings) if judged is None else answering(judged, settings)
        wanted = tuple(without) if ablate else None
        with progress(err()) as report:
            how = How(report, concurrent, keep)
            summary = asyncio.run(_evaluated(opened, asked, wanted, how))
        show(out(), summary)
        write(summary, markdown_to=markdown, json_to=json)


async def _evaluated(
    opened: AbstractAsyncContextManager[Answerer],
    asked: tuple[Asked, ...],
    without: tuple[str, ...] | None,
    how: How,
) -> Summary:
    async with opened as parts:
        thinker = Cot.SIDECAR if parts.sidecar else Cot.SELF
        roads = await roads_of(parts, thinker, keeping=how.keep is not None)
        rows: list[Row] = [roads.default]
        if without is not None:
            rows += roads.ablation(without)
        baseline = SIMILARITY_ALONE if without is not None else None
        made = await score_rows(asked, rows, Judge(parts.encoder), how, baseline=baseline)
        return replace(made, model=parts.engine.model if parts.engine else None)


app.command()(recommend)
app.command()(compare)
app.command()(general)


if __name__ == "__main__":
    app()
