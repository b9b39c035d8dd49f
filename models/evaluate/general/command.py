"""`python -m models.evaluate general` and its options."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed by this command alone

from __future__ import annotations

import json as json_lines
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from models.evaluate.bootstrap import Estimate
from models.evaluate.general.asking import Asking
from models.evaluate.options import Json, Markdown
from models.evaluate.sheets import Sheet, draw, in_markdown
from service.cli.console import err, errors_told, out
from service.errors import BadInput


def general(  # noqa: PLR0913 - each is an option of the command line
    model: Annotated[Path, typer.Option(help="Folder: a checkpoint or adapter.")],
    tasks: Annotated[str, typer.Option(help="Names between commas, such as mmlu,gsm8k.")],
    include_path: Annotated[
        Path, typer.Option(help="Folder of the tasks' YAML files and their questions.")
    ],
    *,
    base: Annotated[
        Path | None, typer.Option(help="The checkpoint that an adapter stands on.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="So many questions of each.")] = None,
    chat: Annotated[
        bool, typer.Option("--chat", help="Put prompts into the model's chat template.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, help="Prompts read at a time.")] = 8,
    markdown: Markdown = None,
    json: Json = None,
) -> None:
    """Measure general ability by lm-evaluation-harness, on questions that are at hand."""
    with errors_told():
        from models.evaluate.general.ability import ability_of, refuse_missing

        asking = Asking(named(tasks), include_path, limit, chat, batch)
        refuse_missing(asking)
        err().print(f"asking {model} {', '.join(asking.tasks)}", markup=False)
        found = ability_of(model, base, asking)
        rows = tuple(
            (task, str(of.questions), metric, _told(e))
            for task, of in found.items()
            for metric, e in of.metrics.items()
        )
        header = ("task", "questions", "metric", "figure, 1.96 standard errors to either side")
        sheet = Sheet(f"General ability of {model.resolve().name}", header, rows)
        draw(out(), [sheet])
        if markdown:
            markdown.write_text(in_markdown([sheet]), "utf-8")
        if json:
            told = {task: asdict(of) for task, of in found.items()}
            json.write_text(json_lines.dumps(told, indent=2) + "\n", "utf-8")


def _told(figure: Estimate) -> str:
    """With the errors around it, where there are any."""
    if figure.low == figure.high:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.2f} to {figure.high:.2f})"


def named(tasks: str) -> tuple[str, ...]:
    """The tasks that are named between commas; BadInput if none is."""
    found = tuple(dict.fromkeys(name.strip() for name in tasks.split(",") if name.strip()))
    if not found:
        raise BadInput("No task is named.", hint="Such as --tasks mmlu,gsm8k.")
    return found
