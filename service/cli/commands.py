"""The commands and their options. What a command needs it imports when it runs."""
# ruff: noqa: PLC0415 - `listwright --help` must not wait for numpy, pyarrow and the models

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from service.cli.answer_command import answer
from service.cli.console import errors_told, out, tell
from service.cli.key_command import key
from service.cli.options import (
    Catalogue,
    Engine,
    EngineUrl,
    Several,
    Variant,
    named,
    settings_of,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

QUIET: Final = {
    "OMP_WAIT_POLICY": "passive",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Read by the libraries when they are imported: no spinning threads, no hub."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; errors are told without a traceback."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    with errors_told():
        app(args=arguments)


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        from importlib.metadata import version

        typer.echo(f"listwright {version('listwright')}")
        raise typer.Exit


@app.callback()
def listwright(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say the version and end.", is_eager=True, callback=_say_version
        ),
    ] = False,
) -> None:
    """Recommendation lists from a language model, valid and obedient by construction."""


@app.command()
def serve(
    catalogue: Catalogue = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    engine: Engine = None,
    engine_url: EngineUrl = None,
) -> None:
    """Serve a catalogue over HTTP until a signal comes."""
    from service.api.server import bound
    from service.cli.serving import serve as run

    settings = settings_of(catalogue, engine, engine_url, host=host, port=port)
    run(settings, bound(settings.server.host, settings.server.port))


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the samples.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where the shop is kept.", show_default="the cache")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; if it is taken, the next free one.")
    ] = None,
) -> None:
    """Make a demo shop, serve it, and show what it answers."""
    from service.cli.demo import demo as run

    run(folder, port, once=once)


@app.command()
def build(  # noqa: PLR0913 - one option a choice
    *,
    items: Annotated[Path, typer.Option(help="File of items, or a folder with both files.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder to make.")],
    events: Annotated[Path | None, typer.Option(help="File of interactions.")] = None,
    column: Annotated[
        Several, typer.Option(help="Which column is what: id=asin. May be repeated.")
    ] = [],  # noqa: B006 - typer's way to say: may be repeated
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Build without the rows that cannot be used.")
    ] = False,
    no_similarity: Annotated[
        bool, typer.Option("--no-similarity", help="Without embeddings and their index.")
    ] = False,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the served model's tokenizer.",
            show_default="LISTWRIGHT_ENGINE__TOKENIZER",
        ),
    ] = None,
) -> None:
    """Build a catalogue from files of items and interactions."""
    from service.cli.building import build as run
    from service.cli.building import columns
    from service.settings import load_settings

    chosen = columns(column)
    given: dict[str, dict[str, object]] = {
        "retrieval": {"similarity": False if no_similarity else None},
        "engine": {"tokenizer": tokenizer},
    }
    settings = load_settings({part: named(values) for part, values in given.items()})
    made = run(settings, items, events, out_folder, skip_bad=skip_bad, named=chosen)
    out().print(f"Built {made}", markup=False)


@app.command()
def recommend(  # noqa: PLR0913 - one option a field of the request
    *,
    catalogue: Catalogue = None,
    engine: Engine = None,
    engine_url: EngineUrl = None,
    user: Annotated[str | None, typer.Option(help="Whose remembered history counts.")] = None,
    history: Annotated[Several, typer.Option(help="An item's id, oldest first. Repeat.")] = [],  # noqa: B006
    text: Annotated[str, typer.Option(help="What is wanted, in free words.")] = "",
    query: Annotated[str, typer.Option(help="What is searched for.")] = "",
    include: Annotated[Several, typer.Option(help="Only of these categories. Repeat.")] = [],  # noqa: B006
    exclude: Annotated[Several, typer.Option(help="Nothing of this category. Repeat.")] = [],  # noqa: B006
    share: Annotated[Several, typer.Option(help="'Toys<=0.3', >= or ~. Repeat.")] = [],  # noqa: B006
    k: Annotated[int | None, typer.Option("-k", help="How many items.")] = None,
    strategy: Annotated[str, typer.Option(help="auto, generate, rank or retrieve.")] = "auto",
    prior_weight: Annotated[float | None, typer.Option(help="Retrievers against model.")] = None,
    wish_weight: Annotated[float | None, typer.Option(help="Words against what was met.")] = None,
    cot: Annotated[
        str | None, typer.Option(help="Who thinks first: self, sidecar, off or auto.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="0 is greedy.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the draws.")] = None,
    deadline_ms: Annotated[int | None, typer.Option(help="How long it may take.")] = None,
    variant: Variant = None,
    relax: Annotated[bool, typer.Option("--relax", help="Let go of controls in conflict.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON of the API.")] = False,
) -> None:
    """Make one list, without a server."""
    from service.cli.asking import ask
    from service.cli.asking import share as parsed

    intent = {
        "text": text,
        "query": query,
        "include": include,
        "exclude": exclude,
        "shares": [parsed(one) for one in share],
    }
    body: dict[str, object] = {"intent": intent, "strategy": strategy, "explain": True}
    chosen = {
        "k": k,
        "user_id": user,
        "prior_weight": prior_weight,
        "wish_weight": wish_weight,
        "cot": cot,
        "temperature": temperature,
        "seed": seed,
        "deadline_ms": deadline_ms,
        "variant": variant,
    }
    body |= {name: value for name, value in chosen.items() if value is not None}
    body |= {"history": history} if history else {}
    body |= {"on_conflict": "relax"} if relax else {}
    ask(settings_of(catalogue, engine, engine_url), body, as_json=as_json)


AS_IT_STANDS: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
"""For tools that read their own options; `--help` too is theirs."""


@app.command(context_settings=AS_IT_STANDS, add_help_option=False)
def train(context: typer.Context) -> None:
    """Train the ranker (SASRec) on a catalogue's histories, and publish it beside them."""
    from service.cli.offline import become

    become("models.sasrec", context.args)


@app.command(context_settings=AS_IT_STANDS, add_help_option=False)
def tune(context: typer.Context) -> None:
    """Find out on validation data how much each part counts, and which strategy is best."""
    from service.cli.offline import become

    become("models.tune", context.args)


app.command()(answer)
app.command()(key)


@app.command()
def verify(
    receipt: Annotated[Path, typer.Argument(help="A saved answer; - is stdin.")],
    catalogue: Annotated[Path, typer.Option(help="The catalogue it was made from.")],
    history: Annotated[
        Several, typer.Option(help="The user's history, to check that too. Repeat.")
    ] = [],  # noqa: B006
) -> None:
    """Check a saved answer against the catalogue alone."""
    from service.cli.checking import found_in

    problems, notes = found_in(receipt, catalogue, history or None)
    for problem in problems:
        out().print(f"✗ {problem}", markup=False)
    if problems:
        raise typer.Exit(1)
    figures = "so do its figures, but for those of the history" if notes else "so do its figures"
    out().print(f"✓ Every promise holds, as to the controls the receipt names; {figures}.")
    for note in notes:
        out().print(f"  Note: {note}.", markup=False)
    if not history:
        out().print("  A history that was not empty has to be given to be checked: --history.")


@app.command()
def check(
    catalogue: Catalogue = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    engine: Engine = None,
    engine_url: EngineUrl = None,
) -> None:
    """Say whether `serve` would start with these settings, and why not."""
    from service.cli.checking import checks

    settings = settings_of(catalogue, engine, engine_url, host=host, port=port)
    out().print("✓ settings")
    failed = False
    for name, problems in checks(settings):
        out().print(f"{'✗' if problems else '✓'} {name}")
        for problem in problems:
            tell(problem)
        failed |= bool(problems)
    if failed:
        raise typer.Exit(1)
