"""`python -m models.sasrec --catalogue DIR`: train SASRec on a catalogue's histories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from models.data.served import served
from models.sasrec.config import Config
from models.sasrec.rankers import ranker_for
from models.sasrec.telling import shown
from service.catalog.artifact import load
from service.cli.console import err, errors_told, out
from service.retrieval.ranker import load_ranker, ranker_root

DEFAULT = Config()

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def sasrec(  # noqa: PLR0913 - each is an option of the command line
    catalogue: Annotated[Path, typer.Option(help="A built catalogue, or the folder of several.")],
    *,
    to: Annotated[
        Path | None, typer.Option("--out", help="Where rankers go; else beside the catalogue.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = DEFAULT.seed,
    epochs: Annotated[int, typer.Option(min=1, help="At most.")] = DEFAULT.epochs,
    patience: Annotated[
        int, typer.Option(min=1, help="Epochs without a better NDCG before it ends.")
    ] = DEFAULT.patience,
    dimension: Annotated[int, typer.Option(min=1, max=4096)] = DEFAULT.dimension,
    layers: Annotated[int, typer.Option(min=1, max=64)] = DEFAULT.layers,
    heads: Annotated[int, typer.Option(min=1, max=64)] = DEFAULT.heads,
    length: Annotated[int, typer.Option(min=1, max=4096, help="Items looked at.")] = DEFAULT.length,
    dropout: Annotated[float, typer.Option(min=0, max=0.9)] = DEFAULT.dropout,
    learning_rate: Annotated[float, typer.Option(min=1e-8)] = DEFAULT.learning_rate,
    batch: Annotated[
        int, typer.Option(min=1, max=65_536, help="Sequences a step.")
    ] = DEFAULT.batch,
    threads: Annotated[int, typer.Option(min=1)] = DEFAULT.threads,
) -> None:
    """Train SASRec on the histories of a catalogue, and publish it beside the catalogue.

    A training that was ended goes on where it was when the same is asked for again. The tuning of
    the ranker before goes on with the new one, until `listwright tune` has made another.
    """
    with errors_told():
        config = replace(
            DEFAULT,
            dimension=dimension,
            layers=layers,
            heads=heads,
            length=length,
            dropout=dropout,
            learning_rate=learning_rate,
            batch=batch,
            epochs=epochs,
            patience=patience,
            seed=seed,
            threads=threads,
        )
        with shown(err()) as telling:
            folder = ranker_for(
                served(load(catalogue)), to or ranker_root(catalogue), config, telling
            )
        ranker = load_ranker(folder)
        facts = ranker.facts
        out().print(
            f"{folder}: {facts.shape.items} items, epoch {facts.best_epoch} of {facts.epochs},"
            f" validation HR@10 {facts.hr:.4f}, NDCG@10 {facts.ndcg:.4f}",
            markup=False,
        )
        tuned = (
            "It has the tuning of the one before" if ranker.tuning.blends else "It has no tuning"
        )
        out().print(f"{tuned}: `listwright tune` finds out its own.", markup=False)


if __name__ == "__main__":
    app(prog_name="listwright train")
