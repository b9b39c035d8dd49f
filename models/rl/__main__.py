"""`python -m models.rl`: a tuned model learns from what its own lists are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.rl.choices import Reinforcing
from models.rl.figures import risen
from models.rl.run import Sources, reinforced
from models.steps.config import configured
from models.steps.options import Base, Config, Given, Out
from models.steps.output import figures_of
from models.steps.telling import shown
from service.cli.console import err, errors_told, out

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def rl(  # noqa: PLR0913 - each is an option of the command line
    data: Annotated[Path, typer.Option(help="Folder of examples, by models.sft.data.")],
    catalogue: Annotated[Path, typer.Option(help="Built, with its ranker beside it.")],
    model: Annotated[Path, typer.Option(help="The tuned model: a checkpoint or an adapter.")],
    to: Out,
    *,
    base: Base = None,
    algorithm: Annotated[str | None, typer.Option(help="ppo or grpo.")] = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Teach a tuned model by the rewards of its own lists, line by line.

    An adapter comes out, on the checkpoint that was given; where an adapter was given, on the
    checkpoint written beside the output, which has that one merged. A run that was ended goes on
    where it was when the same is asked for again.
    """
    with errors_told():
        said = [] if algorithm is None else [f'algorithm="{algorithm}"']
        choices = configured(Reinforcing, config, [*given, *said])
        with shown(err()) as telling:
            folder = reinforced(Sources(data, catalogue, model, base), to, choices, telling)
        figures = figures_of(folder)
        out().print(
            f"{folder}: {choices.algorithm}, {choices.iterations} iterations over"
            f" {figures['requests']} requests",
            markup=False,
        )
        for why, count in figures["left_out"].items():
            out().print(f"left out: {count} with {why}", markup=False)
        done = figures["iterations"]
        for name in [name for name in ("reward", "legal", "kl", "length") if name in done[0]]:
            first, last = risen(done, name)
            out().print(f"{name}: {first:.4g} -> {last:.4g}", markup=False)


if __name__ == "__main__":
    app(prog_name="python -m models.rl")
