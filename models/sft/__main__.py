"""`python -m models.sft --data DIR --out DIR`: tune a model with instruction data.

On several GPUs: `torchrun --nproc-per-node 8 -m models.sft ...`, which shards the model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from models.data.demo import data_folder
from models.evaluate.recommend.world import Reading
from models.sft.choices import Tuning
from models.sft.judging import judge_in
from models.sft.tuning import tuned
from models.steps.config import configured
from models.steps.digest import digest_of
from models.steps.options import Config, Given, Named, Out, SkipBad, Work
from models.steps.output import figures_of
from models.steps.telling import shown
from service.cli.building import columns
from service.cli.console import err, errors_told, out
from service.engines.local.checkpoint import ensure_checkpoint
from service.errors import BadSettings
from service.settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def sft(  # noqa: PLR0913 - each is an option of the command line
    data: Annotated[
        Path, typer.Option(help="Folder of train.jsonl and validation.jsonl, by models.sft.data.")
    ],
    *,
    to: Out,
    model: Annotated[
        Path | None, typer.Option(help="Folder of the checkpoint to tune; else SmolLM2's.")
    ] = None,
    world: Annotated[
        Path | None,
        typer.Option(help="Data set that lists are judged in, or `demo`; see judged_users."),
    ] = None,
    column: Named = [],  # noqa: B006
    skip_bad: SkipBad = False,
    work: Work = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Tune a model: LoRA, or QLoRA with `four_bit = true`. What was ended goes on."""
    with errors_told(), shown(err()) as telling:
        choices = configured(Tuning, config, given)
        if (world is not None) != bool(choices.judged_users):
            raise BadSettings("--world and judged_users need each other.")
        settings = load_settings({})
        folder = model or ensure_checkpoint(settings.cache.folder, err().print)
        judge, digests = None, dict[str, str]()
        if world is not None:
            where, how = data_folder(world, settings), Reading(columns(column), skip_bad)
            judge = judge_in(where, folder, choices, settings, work=work, reading=how)
            digests = {"world": _digest(where, how)}
        made = tuned(data, folder, to, choices, telling=telling, judge=judge, world=digests)
        if made is not None:
            _tell(made, figures_of(made))


def _digest(world: Path, how: Reading) -> str:
    """Of a data set, and of how it is read where that was said."""
    said = "" if how == Reading() else f" by {sorted(how.columns.items())}, {how.skip_bad}"
    return f"{digest_of(world)}{said}"


def _tell(folder: Path, figures: dict[str, Any]) -> None:
    """What came of it, in a few lines."""
    out().print(
        f"{folder}: {figures['steps']} steps of {figures['seconds_a_step']:.2f} s, ended by"
        f" {figures['ended_by']}; loss {figures['first_loss']:.3f} -> {figures['last_loss']:.3f};"
        f" {figures['trained_parameters']:,} parameters.",
        markup=False,
    )
    if figures["too_long"]:
        out().print(f"{figures['too_long']} examples were too long and left out.")
    for name in ("best", "final"):
        step = figures["best_step"] if name == "best" else figures["steps"]
        told = ", ".join(f"{what} {figure:.4f}" for what, figure in figures[name].items())
        out().print(f"{name}, step {step}: {told or 'not judged'}", markup=False)


if __name__ == "__main__":
    app(prog_name="python -m models.sft")
