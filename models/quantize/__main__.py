"""`python -m models.quantize`: a model in 4 bits, and a plain one of such a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.llm.parent import Parent
from models.quantize.awq import make_awq
from models.quantize.choices import AwqChoices, ReadChoices
from models.quantize.rewriting import read as read_plain
from models.steps.config import configured
from models.steps.options import Base, Config, Given, Out
from models.steps.output import figures_of
from models.steps.telling import shown
from service.cli.console import err, errors_told, out

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def awq(  # noqa: PLR0913 - each is an option of the command line
    model: Annotated[Path, typer.Option(help="A checkpoint or an adapter.")],
    prompts: Annotated[Path, typer.Option(help="Examples, as `models.sft.data` makes them.")],
    to: Out,
    *,
    base: Base = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Quantise a model by AWQ, calibrated on prompts as they are served, and compare the two."""
    with errors_told():
        choices = configured(AwqChoices, config, given)
        with shown(err()) as telling:
            folder = make_awq(Parent.named(model, base), prompts, choices, to, telling)
        found = figures_of(folder)
        sizes = f"{found['bytes_before'] / 1e6:.0f} MB -> {found['bytes'] / 1e6:.0f} MB"
        out().print(f"{folder}: {sizes}, groups of {found['group']}", markup=False)
        out().print(
            f"perplexity {found['perplexity_before']:.3f} -> {found['perplexity_after']:.3f},"
            f" KL {found['kl_mean']:.4f} (at most {found['kl_max']:.3f}),"
            f" same next token {found['agreement']:.1%} of {found['places']}",
            markup=False,
        )


@app.command()
def read(
    model: Annotated[Path, typer.Option(help="A checkpoint in AutoAWQ's layout, or of awq.")],
    to: Out,
    *,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Make a plain checkpoint of a quantised one: to tune, to merge, to evaluate in torch."""
    with errors_told():
        choices = configured(ReadChoices, config, given)
        with shown(err()) as telling:
            folder = read_plain(model, choices, to, telling)
        found = figures_of(folder)
        out().print(
            f"{folder}: {found['matrices']} matrices,"
            f" {found['bytes_before'] / 1e6:.0f} MB -> {found['bytes'] / 1e6:.0f} MB",
            markup=False,
        )


if __name__ == "__main__":
    app(prog_name="python -m models.quantize")
