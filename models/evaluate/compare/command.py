"""`python -m models.evaluate compare` and its options."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is in this process

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from models.data.demo import data_folder
from models.evaluate.compare.candidates import Candidate, Kind, candidates_of, pairs
from models.evaluate.compare.choices import CompareChoices, Road
from models.evaluate.compare.columns import board_of
from models.evaluate.compare.facts import told
from models.evaluate.compare.findings import Inputs
from models.evaluate.compare.keeping import Keeping
from models.evaluate.compare.measuring import Comparison
from models.evaluate.compare.opening import Opener
from models.evaluate.compare.serving import Starting
from models.evaluate.compare.table import Report, show, write
from models.evaluate.general.asking import Asking
from models.evaluate.general.command import named
from models.evaluate.options import Json, Markdown
from models.evaluate.questions import read_questions
from models.evaluate.recommend.world import Reading, split_of
from models.evaluate.running import How
from models.evaluate.scores import Judge
from models.steps.config import chosen, configured
from models.steps.options import Given, Named, SkipBad, Work
from models.tune.strategies import refuse_few
from service.cli.building import columns
from service.cli.console import err, errors_told, out
from service.cli.progress import progress
from service.errors import BadInput
from service.settings import Settings, load_settings
from service.wiring_engine import encoder_of

VLLM = Path(".venv-vllm/bin/python")


def compare(  # noqa: PLR0913 - each is an option of the command line
    model: Annotated[
        list[str],
        typer.Option(
            help="NAME=WHERE: embedded, a folder (checkpoint or adapter), vllm+http://HOST:PORT or"
            " openai+http://HOST:PORT (both may end in #MODEL; a key is read from the variable"
            " API_KEY_NAME), or vllm:FOLDER, for which a vLLM is started. Repeat."
        ),
    ] = [],  # noqa: B006
    data: Annotated[
        Path | None, typer.Option(help="Folder of a data set, as for `recommend`; or `demo`.")
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Questions with right answers, JSON lines, as for `answer`.")
    ] = None,
    *,
    base: Annotated[
        list[str], typer.Option(help="NAME=FOLDER: what an adapter stands on now. Repeat.")
    ] = [],  # noqa: B006
    tokenizer: Annotated[
        list[str], typer.Option(help="NAME=FOLDER: the tokenizer of an endpoint's model. Repeat.")
    ] = [],  # noqa: B006
    rows: Annotated[
        list[str], typer.Option(help=f"Only this road. Repeat. {', '.join(Road)}.")
    ] = [],  # noqa: B006
    k: Annotated[int | None, typer.Option(min=1, help="Items in a list; else 10.")] = None,
    users: Annotated[int | None, typer.Option(min=1, help="Ask for so many users.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of users and controls; else 1.")] = None,
    column: Named = [],  # noqa: B006
    skip_bad: SkipBad = False,
    config: Annotated[
        Path | None, typer.Option(help=r"Choices, as TOML; a table \[models] names them.")
    ] = None,
    given: Given = [],  # noqa: B006
    general: Annotated[
        str, typer.Option(help="Tasks of lm-evaluation-harness, for models in folders.")
    ] = "",
    general_data: Annotated[
        Path | None, typer.Option(help="Folder of their YAML files and questions.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each of them.")] = None,
    vllm_python: Annotated[
        Path,
        typer.Option(
            help="Python that has vLLM, for vllm:FOLDER. It is started as a CPU needs it, without"
            " compiling and with prompts read whole, and may take 10 minutes. For a GPU say in the"
            ' file of --config: vllm_options = ["--no-enforce-eager", "--enable-chunked-prefill"]'
            " and vllm_seconds = 1200."
        ),
    ] = VLLM,
    concurrent: Annotated[int, typer.Option(min=1, help="Lists or questions at a time.")] = 1,
    work: Work = None,
    keep: Annotated[
        Path | None, typer.Option(help="Folder of what was measured, to go on after an end.")
    ] = None,
    markdown: Markdown = None,
    json: Json = None,
) -> None:
    """Compare models: lists, obedience, form, questions, speed and memory in one table.

    Each is opened, asked the same, and closed before the next. One that fails says so in its row.
    """
    with errors_told():
        made = _choices(config, given, (model, base, tokenizer), (rows, k, users, seed))
        settings = load_settings({"engine": {"kept": 0}})
        candidates = candidates_of(made.models, made.bases, made.tokenizers)
        ability = _ability(general, general_data, limit)
        if data is None and questions is None and ability is None:
            raise BadInput(
                "There is nothing to ask the models.", hint="Name --data, --questions, or both."
            )
        if data is None and questions is None:
            _refuse_unasked(candidates)
        _refuse_long(made, settings)
        refuse_few(made.tune_users, "--set tune_users=...")
        asked = () if questions is None else read_questions(questions)
        judge = Judge(encoder_of(settings) if asked and settings.retrieval.similarity else None)
        for each in asked:
            judge.check(each.metric)
        reading = Reading(columns(column), skip_bad)
        split = None if data is None else split_of(data_folder(data, settings), reading)
        starting = Starting(vllm_python, made.vllm_options, made.vllm_seconds)
        inputs = Inputs(split, asked, work, ability)
        with progress(err()) as report:
            how = How(report, concurrent)
            opener = Opener(settings, starting)
            comparison = Comparison(opener, made, inputs, Keeping(keep), how)
            findings = asyncio.run(comparison.measured(candidates))
        facts = told(findings, made, inputs, how, settings.recommend.prior_weight)
        found = Report(board_of(made, asked, findings, judge), findings.models, facts)
        show(out(), found)
        write(found, markdown_to=markdown, json_to=json)
        if all(each.failure for each in findings.models):
            raise BadInput("No model could be measured.", hint="The table says why.")


def _choices(
    config: Path | None,
    given: list[str],
    named: tuple[list[str], list[str], list[str]],
    said: tuple[list[str], int | None, int | None, int | None],
) -> CompareChoices:
    """Those of the file; options say otherwise, and models are added to its own."""
    made = configured(CompareChoices, config, given)
    values = made.model_dump()
    for name, option, texts in zip(
        ("models", "bases", "tokenizers"), ("--model", "--base", "--tokenizer"), named, strict=True
    ):
        found = pairs(texts, option)
        if name == "models" and (twice := sorted(set(found) & set(values[name]))):
            raise BadInput(
                f"{config} and --model both name a model {twice[0]!r}.", hint="Rename one of them."
            )
        values[name] |= found
    for name, value in zip(("rows", "k", "users", "seed"), said, strict=True):
        if value is not None and value != []:
            values[name] = value
    return chosen(CompareChoices, values, "--rows")


def _ability(tasks: str, data: Path | None, limit: int | None) -> Asking | None:
    """What the harness is to ask; BadInput if it cannot."""
    if not tasks:
        return None
    if data is None:
        raise BadInput("--general needs its questions.", hint="Name their folder: --general-data.")
    from models.evaluate.general.ability import refuse_missing

    asking = Asking(named(tasks), data, limit)
    refuse_missing(asking)
    return asking


def _refuse_unasked(candidates: Sequence[Candidate]) -> None:
    """BadInput if a model is to be opened, and the harness, which is all that asks, does not."""
    for one in candidates:
        if one.kind is not Kind.FOLDER:
            raise BadInput(
                f"There is nothing to ask {one.name!r}: --general is for models in folders.",
                hint="Name --data, --questions, or its folder.",
            )


def _refuse_long(made: CompareChoices, settings: Settings) -> None:
    if made.k > settings.recommend.max_k:
        raise BadInput(
            f"Lists may have {settings.recommend.max_k} items at most, not {made.k}.",
            hint="Ask for fewer, or set LISTWRIGHT_RECOMMEND__MAX_K.",
        )
