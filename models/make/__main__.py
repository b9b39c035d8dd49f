"""`python -m models.make`: data, tuning, reinforcement, merging, quantising, serving, judging."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from models.data.dataset import read_dataset
from models.data.demo import DEMO, data_folder
from models.data.fewer import write_fewer
from models.make.course import Inputs, Step, course, figures_told
from models.steps.config import Choices
from models.steps.digest import digest_of
from models.steps.output import Recipe, figures_of, made
from service.cli.console import err, errors_told, out
from service.cli.offline import run
from service.engines.local.checkpoint import ensure_checkpoint
from service.errors import BadInput
from service.modelfolder import MANIFEST
from service.settings import load_settings

MARK: Final = ".made-here"
"""In a folder that may be removed, since nothing but this command wrote to it."""

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
        _own(to, afresh=afresh)
        settings = load_settings({})
        start = model or ensure_checkpoint(settings.cache.folder, err().print)
        chosen = data if items is None else _fewer(data_folder(data, settings), items, to / "few")
        inputs = Inputs(chosen, start, to, configs, vllm_python)
        seconds = {step.name: _ran(step, inputs) for step in course(inputs)}
        took = ", ".join(f"{name} {spent:.0f} s" for name, spent in seconds.items())
        out().print(f"In all {sum(seconds.values()):.0f} s: {took}", markup=False)


def _own(folder: Path, *, afresh: bool) -> None:
    """Have a folder that this command alone writes to, empty if it is to begin afresh."""
    mark = folder / MARK
    for there in (folder, *folder.parents):
        if there.exists() and not there.is_dir():
            raise BadInput(f"{there} is a file.", hint="Name a folder with --out.")
    if folder.exists() and any(folder.iterdir()) and not mark.is_file():
        raise BadInput(
            f"{folder} holds something else already.", hint="Name another folder with --out."
        )
    if afresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.touch()


class Fewer(Choices):
    """How a data set is cut down."""

    items: int


def _fewer(data: Path, items: int, folder: Path) -> Path:
    """The items met most alone, written once."""
    recipe = Recipe("make/fewer", Fewer(items=items), {"data": digest_of(data)})
    return made(folder, recipe, lambda work: write_fewer(read_dataset(data), items, work))


def _ran(step: Step, inputs: Inputs) -> float:
    """Run a step, show its figures; how long it took. What it says of errors it says itself."""
    err().print(Text(step.told, style="bold"))
    began = time.monotonic()
    run(step.module, step.arguments)
    figures = _figures(inputs.at(step.name))
    if figures:
        out().print(figures_told(step.name, figures), markup=False)
    return time.monotonic() - began


def _figures(folder: Path) -> dict[str, Any]:
    """What a step says of its work; a comparison has shown its table."""
    return figures_of(folder) if (folder / MANIFEST).is_file() else {}


if __name__ == "__main__":
    app(prog_name="python -m models.make")
