"""`python -m models.make`: data, tuning, reinforcement, merging, quantising, serving, judging."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from models.data.dataset import read_dataset
from models.data.demo import DEMO, data_folder
from models.data.fewer import write_fewer
from models.make.course import Inputs, Step, course, figures_told
from models.steps.output import figures_of
from service.cli.console import err, errors_told, out
from service.engines.local.checkpoint import ensure_checkpoint
from service.errors import BadInput
from service.modelfolder import MANIFEST
from service.settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def make(  # noqa: PLR0913 - each is an option of the command line
    *,
    to: Annotated[Path, typer.Option("--out", help="Folder for what every step makes.")],
    configs: Annotated[Path, typer.Option(help="Folder of one TOML file a step.")],
    data: Annotated[Path, typer.Option(help="A data set, as the evaluator reads it.")] = DEMO,
    items: Annotated[
        int | None, typer.Option(min=1, help="Only so many of its items, those met most.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Checkpoint to tune; else SmolLM2's.")] = None,
    vllm_python: Annotated[
        Path | None, typer.Option(help="Python that has vLLM: the result is judged there too.")
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Remove the folder first, instead of going on.")
    ] = False,
) -> None:
    """Make a model of one's own, from what users met to the evaluator's verdict.

    Each step is a command of its own, which is shown as it can be typed. What was ended goes on:
    steps that are complete are not made again.
    """
    with errors_told():
        if not configs.is_dir():
            raise BadInput(f"{configs}: there is no such folder.")
        if afresh:
            shutil.rmtree(to, ignore_errors=True)
        settings = load_settings({})
        start = model or ensure_checkpoint(settings.cache.folder, err().print)
        chosen = data if items is None else _fewer(data_folder(data, settings), items, to / "few")
        inputs = Inputs(chosen, start, to, configs, vllm_python)
        seconds = {step.name: _ran(step, inputs) for step in course(inputs)}
        took = ", ".join(f"{name} {spent:.0f} s" for name, spent in seconds.items())
        out().print(f"In all {sum(seconds.values()):.0f} s: {took}", markup=False)


def _fewer(data: Path, items: int, folder: Path) -> Path:
    """The items met most alone, written once."""
    return folder if folder.is_dir() else write_fewer(read_dataset(data), items, folder)


def _ran(step: Step, inputs: Inputs) -> float:
    """Run a step, show its figures; how long it took. What it says of errors it says itself."""
    err().print(Text(step.told, style="bold"))
    began = time.monotonic()
    # Safe path: a folder in the working directory may be called as a step's package is.
    command = [sys.executable, "-P", "-m", step.module, *step.arguments]
    ended = subprocess.run(command, check=False)  # noqa: S603 - our own interpreter and modules
    if ended.returncode:
        raise typer.Exit(ended.returncode)
    figures = _figures(inputs.at(step.name))
    if figures:
        out().print(figures_told(step.name, figures), markup=False)
    return time.monotonic() - began


def _figures(folder: Path) -> dict[str, Any]:
    """What a step says of its work; a comparison has shown its table."""
    return figures_of(folder) if (folder / MANIFEST).is_file() else {}


if __name__ == "__main__":
    app(prog_name="python -m models.make")
