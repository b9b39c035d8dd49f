"""`python -m models.merge`: one model of two, or of an adapter and its parent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.llm.parent import Merging, Parent
from models.merge.adapter import merge_adapter
from models.merge.choices import SlerpChoices
from models.merge.slerp import merge_slerp
from models.steps.config import configured
from models.steps.options import Config, Given, Out
from models.steps.output import figures_of
from models.steps.telling import shown
from service.cli.console import err, errors_told, out

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def slerp(  # noqa: PLR0913 - each is an option of the command line
    one: Annotated[Path, typer.Option(help="A checkpoint or an adapter.")],
    other: Annotated[Path, typer.Option(help="Another one of the same shape and tokenizer.")],
    to: Out,
    *,
    one_base: Annotated[
        Path | None, typer.Option(help="What an adapter --one stands on, if it stands elsewhere.")
    ] = None,
    other_base: Annotated[Path | None, typer.Option(help="The same for --other.")] = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Blend two models along the arc between their weights; evaluate the blend like any model."""
    with errors_told():
        choices = configured(SlerpChoices, config, given)
        with shown(err()) as telling:
            first, second = Parent.named(one, one_base), Parent.named(other, other_base)
            folder = merge_slerp(first, second, choices, to, telling)
        figures = figures_of(folder)
        out().print(f"{folder}: {figures['bytes'] / 1e6:.0f} MB", markup=False)
        for parent in ("one", "other"):
            found = figures[f"from_{parent}"]
            out().print(
                f"from {parent}: distance {found['distance']:.4f}, cosine {found['cosine']:.6f},"
                f" {found['equal']} of {found['tensors']} tensors equal",
                markup=False,
            )


@app.command()
def adapter(
    adapter: Annotated[Path, typer.Option(help="A folder that tuning wrote.")],
    to: Out,
    *,
    base: Annotated[
        Path | None, typer.Option(help="The model it stands on, if it stands elsewhere now.")
    ] = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Merge a LoRA adapter into its parent: a whole checkpoint that any engine serves."""
    with errors_told():
        choices = configured(Merging, config, given)
        with shown(err()) as telling:
            folder = merge_adapter(adapter, base, choices, to, telling)
        out().print(f"{folder}: {figures_of(folder)['bytes'] / 1e6:.0f} MB", markup=False)


if __name__ == "__main__":
    app(prog_name="python -m models.merge")
