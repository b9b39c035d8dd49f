"""Options that several of the evaluator's commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Engine: TypeAlias = Annotated[str | None, typer.Option(help="embedded, vllm, openai or none.")]
EngineUrl: TypeAlias = Annotated[str | None, typer.Option(help="Where its server is.")]
Model: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder: a checkpoint or adapter, judged in the process.")
]
Base: TypeAlias = Annotated[
    Path | None, typer.Option(help="With --model: the checkpoint that an adapter stands on.")
]
Markdown: TypeAlias = Annotated[Path | None, typer.Option(help="Write the tables there.")]
Json: TypeAlias = Annotated[Path | None, typer.Option(help="Write the figures there.")]
