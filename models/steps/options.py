"""Options that several steps have on the command line, said and spelled alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Out: TypeAlias = Annotated[Path, typer.Option("--out", help="The folder to make.")]
Base: TypeAlias = Annotated[
    Path | None, typer.Option(help="What an adapter stands on, if it stands elsewhere now.")
]
Work: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Folder for the catalogue and the ranker; the evaluator finds them."),
]
Config: TypeAlias = Annotated[Path | None, typer.Option(help="TOML file of choices.")]
Given: TypeAlias = Annotated[
    list[str], typer.Option("--set", help="name=value, instead of the file's. Repeat.")
]
Named: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--column", help="Which column is what: id=asin; title=item_id without titles. Repeat."
    ),
]
SkipBad: TypeAlias = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used.")
]
