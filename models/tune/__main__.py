"""`python -m models.tune --catalogue DIR`: tune the ranker beside a catalogue, and publish that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.tune.held import held_out
from models.tune.strategies import FEWEST, KINDS, refuse_few
from models.tune.tune import How, tuned
from service.catalog.artifact import LoadedCatalogue
from service.cli.console import err, errors_told, out
from service.cli.progress import progress
from service.domain import DEFAULT_VARIANT
from service.errors import BadInput, BadSettings
from service.pipeline.parts import Recommender
from service.pipeline.variants import serving
from service.retrieval.ranker import ranker_root
from service.retrieval.ranker_bound import BoundRanker
from service.retrieval.ranker_publish import retuned
from service.retrieval.sasrec import SasRec
from service.settings import VARIANTS, Settings, load_settings
from service.tuning import Measured, Tuning
from service.wiring import opened

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def tune(  # noqa: PLR0913 - each is an option of the command line
    catalogue: Annotated[Path, typer.Option(help="A built catalogue, or the folder of several.")],
    *,
    users: Annotated[
        int,
        typer.Option(
            min=0,
            help=f"Users that each strategy makes lists for: {FEWEST} or more; 0: blends alone.",
        ),
    ] = 100,
    cases: Annotated[
        int, typer.Option(min=50, help="Requests a blend is fitted on, at most.")
    ] = How().cases,
    seed: Annotated[int, typer.Option(min=0)] = How().seed,
    engine: Annotated[str | None, typer.Option(help="embedded, vllm, openai or none.")] = None,
    engine_url: Annotated[str | None, typer.Option(help="Where its server is.")] = None,
    variant: Annotated[
        str, typer.Option(help="Of LISTWRIGHT_VARIANTS: whose model makes the lists.")
    ] = DEFAULT_VARIANT,
) -> None:
    """Find out how much each part of the prior counts, and how good each strategy's lists are.

    What users met last is asked about, which the ranker was not trained on. The model's lists take
    a while: about a second each, at four weights. `--users 0` leaves them out. Users with and
    without a history, and with words, are measured apart, each kind only if there are 30 or more.
    """
    given: dict[str, dict[str, object]] = {
        "catalogue": {"path": catalogue},
        "engine": {
            name: value
            for name, value in (("kind", engine), ("url", engine_url))
            if value is not None
        },
    }
    with errors_told():
        refuse_few(users, "--users")
        settings = asked_for(load_settings(given), variant if users else None)
        with progress(err()) as report:
            how = How(cases=cases, users=users, seed=seed, report=report)
            done = asyncio.run(_tuned(settings, catalogue, how, variant if users else None))
        show(out(), done.found)
        if users:
            show_unmeasured(out(), done.found, done.cases)
        out().print(f"Published {done.folder}", markup=False)


def asked_for(settings: Settings, variant: str | None) -> Settings:
    """The settings with this variant's model beside the default one; with no model for None."""
    if variant is None:
        engine = settings.engine.model_copy(update={"kind": "none", "models": {}})
        return settings.model_copy(update={"engine": engine, "variants": {}})
    known = {DEFAULT_VARIANT, *settings.variants}
    if variant not in known:
        raise BadSettings(
            f"{VARIANTS} has no {variant}", hint=f"There are: {', '.join(sorted(known))}."
        )
    # The others would be opened too, and each takes a model's memory.
    wanted = {DEFAULT_VARIANT, variant}
    variants = {name: terms for name, terms in settings.variants.items() if name in wanted}
    return settings.model_copy(update={"variants": variants})


@dataclass(frozen=True, slots=True)
class Done:
    """What a tuning came to."""

    folder: Path
    found: Tuning
    """Now; what is published may have more, that was measured before."""
    cases: int
    """How many users could be asked about."""


async def _tuned(settings: Settings, catalogue: Path, how: How, variant: str | None) -> Done:
    async with opened(settings) as parts:
        bound = parts.ranker.current() if parts.ranker is not None else None
        if bound is None:
            trouble = parts.ranker.trouble() if parts.ranker is not None else None
            raise BadInput(
                trouble or f"there is no ranker beside {catalogue}",
                hint="Train one: listwright train. Where there is too little to learn from, round"
                " weights serve, and nothing is to be tuned.",
            )
        without, cases = held_out(parts.catalogue, bound.ranker)
        recommender = serving(parts.recommender, variant or DEFAULT_VARIANT, "")
        found = await tuned(_held(recommender, without, bound), cases, how)
        kept = _kept(bound.ranker.tuning, found)
        folder = retuned(ranker_root(catalogue), kept, version=bound.ranker.version)
        return Done(folder, found, len(cases))


def _held(parts: Recommender, catalogue: LoadedCatalogue, ranker: BoundRanker) -> Recommender:
    """The parts with this ranker, though another may be published meanwhile."""
    retrievers = tuple(
        SasRec(lambda: ranker) if isinstance(one, SasRec) else one for one in parts.retrievers
    )
    return replace(parts, catalogue=catalogue, retrievers=retrievers)


def _kept(before: Tuning, found: Tuning) -> Tuning:
    """What was measured of other models stays, as long as the blends do."""
    if before.blends != found.blends:
        return found
    now = {one.model for one in found.measured}
    others = [one for one in before.measured if one.model not in now]
    return replace(found, measured=(*others, *found.measured))


def show(console: Console, tuning: Tuning) -> None:
    """The blends, and what was measured."""
    blends = Table("what is known", "how much each part counts", title="Blends")
    for situation, blend in tuning.blends.items():
        weights = (f"{name} {weight:.2f}" for name, weight in blend.weights.items())
        blends.add_row(str(situation), ", ".join(weights))
    console.print(blends)
    if not tuning.measured:
        return
    models = sorted({one.model for one in tuning.measured})
    for model in models:
        console.print(_lists([one for one in tuning.measured if one.model == model], model))


def _lists(measured: Sequence[Measured], model: str) -> Table:
    """What one model's lists were worth, narrow enough for a terminal of 80 columns."""
    lists = Table(
        *("strategy", "history", "words", "weight", "NDCG@10", "without", "users", "better"),
        title=Text(f"Lists by {model}; without it; whether it is clearly better"),
        title_justify="left",
    )
    for one in measured:
        lists.add_row(
            *(one.strategy, _yes(one.history), _yes(one.words)),
            *(f"{one.prior_weight:g}", f"{one.ndcg:.4f}", f"{one.alone:.4f}"),
            *(str(one.requests), _yes(one.clear)),
        )
    return lists


def show_unmeasured(console: Console, found: Tuning, cases: int) -> None:
    """For which users no list was measured, and why."""
    measured = {(one.history, one.words) for one in found.measured}
    lacking = [
        f"{'with' if history else 'without'} a history, {'with' if words else 'without'} words"
        for history, words in KINDS
        if (history, words) not in measured
    ]
    if lacking:
        console.print(
            f"Not measured, since it takes a language model and {FEWEST} users that can be asked"
            f" about, of {cases} in all: users {'; '.join(lacking)}."
        )


def _yes(flag: bool) -> str:  # noqa: FBT001 - the cell of a table
    return "yes" if flag else "no"


if __name__ == "__main__":
    app(prog_name="listwright tune")
