"""`listwright answer` and its options: one question, or a file of them."""
# ruff: noqa: PLC0415 - `listwright --help` must not wait for numpy and the models

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import Engine, EngineUrl, Several, Variant, named, settings_of


def answer(  # noqa: PLR0913 - one option a field of the request
    question: Annotated[
        str | None, typer.Argument(help="A question with its options; - is stdin.")
    ] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="File of questions: JSON, one a line.")] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="File for the answers; one begun earlier is gone on with."),
    ] = None,
    concurrent: Annotated[
        int,
        typer.Option(
            min=1,
            max=1_000,
            help="Questions of a file side by side; never more than the engine takes.",
        ),
    ] = 1,
    engine: Engine = None,
    engine_url: EngineUrl = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="multiple_choice, ranking, retrieval, generation or entities.",
            show_default="auto",
        ),
    ] = None,
    option: Annotated[Several, typer.Option(help="Something to choose from. Repeat.")] = [],  # noqa: B006 - typer's way to say: may be repeated
    k: Annotated[int | None, typer.Option("-k", help="How many the answer names.")] = None,
    cot: Annotated[
        str | None,
        typer.Option(help="Who thinks first: self, sidecar or off.", show_default="auto"),
    ] = None,
    similar: Annotated[
        int | None, typer.Option(help="Similar options that the prompt points out.")
    ] = None,
    prior_weight: Annotated[float | None, typer.Option(help="Similarity against model.")] = None,
    max_words: Annotated[int | None, typer.Option(help="Longest answer in words.")] = None,
    without: Annotated[
        Several, typer.Option(help="Element of the prompt to leave out. Repeat.")
    ] = [],  # noqa: B006
    temperature: Annotated[float | None, typer.Option(help="0 is greedy.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the draws.")] = None,
    deadline_ms: Annotated[int | None, typer.Option(help="How long an answer may take.")] = None,
    variant: Variant = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON of the API.")] = False,
) -> None:
    """Answer one question, or a file of them, without a server.

    The type that a line of a file states, as `type` or `task_type`, is taken as said. The evaluator
    (`python -m models.evaluate`) does not tell the pipeline a `task_type`.
    """
    wish = named(
        {
            "type": kind,
            "options": option or None,
            "k": k,
            "cot": cot,
            "similar": similar,
            "prior_weight": prior_weight,
            "max_words": max_words,
            "without": without or None,
            "temperature": temperature,
            "seed": seed,
            "deadline_ms": deadline_ms,
            "variant": variant,
        }
    )
    _check_usage(question, file, out_file, as_json=as_json)
    settings = settings_of(None, engine, engine_url)
    if question is not None:
        from service.cli.answering import answer_one

        answer_one(settings, question, wish, as_json=as_json)
    elif file is not None and out_file is not None:
        from service.cli.answering_files import answer_file

        if answer_file(settings, file, out_file, wish, concurrent):
            raise typer.Exit(1)


def _check_usage(
    question: str | None, file: Path | None, out_file: Path | None, *, as_json: bool
) -> None:
    if (question is None) == (file is None):
        raise typer.BadParameter("give either a question or --file")
    if (file is None) != (out_file is None):
        raise typer.BadParameter("--file and --out go together")
    if file is not None and as_json:
        raise typer.BadParameter("--json is for one question; --out is JSON anyway")
