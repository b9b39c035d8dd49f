"""`python -m models.sft.data make | select | ecinstruct` and their options."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from models.data.demo import data_folder
from models.evaluate.recommend.world import Reading as Columns
from models.evaluate.recommend.world import split_of
from models.sft.data.choices import Making, Reading, Selecting
from models.sft.data.ecinstruct import questions_of
from models.sft.data.kinds import Kind
from models.sft.data.learnt import Learnt, learnt_of_catalogue, learnt_of_data
from models.sft.data.lists import Made
from models.sft.data.making import Order
from models.sft.data.making import make as make_parts
from models.sft.data.parts import (
    TRAIN,
    VALIDATION,
    Context,
    catalogue_named,
    figures_of_parts,
    tokenizer_named,
    told,
    write_part,
)
from models.sft.data.records import Row, rows_of
from models.sft.data.selection import Still, read_parts, select_first
from models.steps.config import chosen, configured
from models.steps.digest import digest_of
from models.steps.options import Config, Given, Named, Out, SkipBad, Work
from models.steps.output import Figures, Recipe, figures_of, made
from models.steps.telling import Moment, Telling, shown
from service.catalog.artifact import load
from service.cli.building import columns
from service.cli.console import err, errors_told, out
from service.cli.progress import Report
from service.errors import BadInput
from service.settings import Settings, load_settings
from service.wiring_engine import tokenizer_of

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

Model = Annotated[
    Path | None,
    typer.Option(help="Folder of the model to tune: its tokenizer counts; else what is set."),
]


@app.command()
def make(  # noqa: PLR0913 - each is an option of the command line
    to: Out,
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder: MovieLens' CSV, RecBole's atomic files, or the like; or `demo`, the shop."
        ),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Instead: a built catalogue with its ranker beside it.")
    ] = None,
    general: Annotated[
        Path | None,
        typer.Option(help="File of general instructions: JSON, or a JSON object a line."),
    ] = None,
    column: Named = [],  # noqa: B006
    skip_bad: SkipBad = False,
    work: Work = None,
    model: Model = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Make examples of what users met, with labels by a trained SASRec.

    Of a data set each user's last two items are kept apart: the last but one is what validation
    asks for, the last is for the evaluator, and nothing here looks at it.
    """
    with errors_told():
        choices = configured(Making, config, given)
        if (data is None) == (catalogue is None):
            raise BadInput("Name one of both: --data, or --catalogue.")
        settings = _spelled_for(model)
        _refuse_long(choices, settings)
        with shown(err()) as telling:
            writing = _writing(to, general, choices, settings, telling)
            if catalogue is not None:
                writing.of(learnt_of_catalogue(catalogue, settings, choices.teacher))
            elif data is not None:
                how = Columns(columns(column), skip_bad)
                split = split_of(data_folder(data, settings), how)
                world = learnt_of_data(split, settings, work, choices.teacher, _report(telling))
                asyncio.run(writing.within(world))
        _tell(to)


@app.command()
def select(
    data: Annotated[Path, typer.Option(help="Folder of examples, by `make` or `ecinstruct`.")],
    first: Annotated[
        int, typer.Option(help="Examples taken of both parts together, evenly by label.")
    ],
    to: Out,
    *,
    catalogue: Annotated[
        Path | None,
        typer.Option(help="Leave out what this catalogue no longer has: items, categories."),
    ] = None,
) -> None:
    """Take the first N examples: half of them of each part, the same number of each label.

    They are what is learnt from then; the rest of validation stays for validation.
    """
    with errors_told():
        choices = chosen(Selecting, {"first": first}, "--first")
        still = None if catalogue is None else Still(load(catalogue))
        made_for = tokenizer_named(data)
        with shown(err()) as telling:
            parts = read_parts(data, still, telling)
        made_of = ({} if made_for is None else {"tokenizer": made_for}) | {
            "examples": digest_of(data),
            "catalogue": "none" if still is None else still.catalogue.version,
        }
        recipe = Recipe("sft/data select", choices, made_of)
        made(to, recipe, lambda folder: select_first(folder, parts, first))
        _tell(to)


@app.command()
def ecinstruct(
    file: Annotated[
        Path, typer.Option(help="Rows of instruction, input, options, output, task and split.")
    ],
    to: Out,
    *,
    model: Model = None,
    config: Config = None,
    given: Given = [],  # noqa: B006
) -> None:
    """Read questions with their answers, and prompt them as the service does."""
    with errors_told():
        choices = configured(Reading, config, given)
        rows = rows_of(file)
        context = Context(tokenizer_of(_spelled_for(model)), choices.context)

        made_of = {"rows": digest_of(file), "tokenizer": context.tokenizer.sha256}
        with shown(err()) as telling:

            def write(folder: Path) -> Figures:
                found = questions_of(rows, choices, telling)
                train, validation = (
                    write_part(folder / name, _fitting(part, context, name, telling))
                    for name, part in ((TRAIN, found.train), (VALIDATION, found.validation))
                )
                return {**figures_of_parts(train, validation), "problems": list(found.problems)}

            made(to, Recipe("sft/data ecinstruct", choices, made_of), write)
        _tell(to)
        for problem in figures_of(to)["problems"]:
            err().print(problem, markup=False)


@dataclass(frozen=True, slots=True)
class _Writing:
    """Examples to be made, of whatever is known of users in the end."""

    to: Path
    rows: list[Row]
    """General instructions."""
    digest: str
    """Theirs."""
    context: Context
    choices: Making
    telling: Telling

    def of(self, learnt: Learnt) -> None:
        """Make them."""
        made_of = {
            "learnt": learnt.made_of,
            "general": self.digest,
            "tokenizer": self.context.tokenizer.sha256,
        }
        order = Order(learnt, self.rows, self.context, self.choices)
        recipe = Recipe("sft/data make", self.choices, made_of)
        made(self.to, recipe, lambda folder: make_parts(folder, order, self.telling))

    async def within(self, world: AbstractAsyncContextManager[Learnt]) -> None:
        """Make them while a world is open."""
        async with world as learnt:
            self.of(learnt)


def _writing(
    to: Path, general: Path | None, choices: Making, settings: Settings, telling: Telling
) -> _Writing:
    """What does not hang on users; BadInput where general instructions cannot be read."""
    if general is None and choices.tasks == (Kind.GENERAL,):
        raise BadInput("General instructions need a file.", hint="Name it with --general.")
    return _Writing(
        to=to,
        rows=[] if general is None else rows_of(general),
        digest="none" if general is None else digest_of(general),
        context=Context(tokenizer_of(settings), choices.context),
        choices=choices,
        telling=telling,
    )


def _fitting(
    part: Sequence[tuple[str, Made]], context: Context, file: str, telling: Telling
) -> Iterator[tuple[str, Made]]:
    stage = file.removesuffix(".jsonl")
    for done, (label, one) in enumerate(part, start=1):
        telling(Moment(stage, done, len(part)))
        yield label, context.fitting(one)


def _spelled_for(model: Path | None) -> Settings:
    """The settings, with the tokenizer of a model if one is named."""
    settings = load_settings({})
    if model is None:
        return settings
    engine = settings.engine.model_copy(update={"tokenizer": model})
    return settings.model_copy(update={"engine": engine})


def _report(telling: Telling) -> Report:
    """Where the making of a world reports to."""

    def report(stage: str, done: int, total: int) -> None:
        telling(Moment(stage, done, total))

    return report


def _tell(folder: Path) -> None:
    """Print the figures of a folder that is there."""
    for line in told(figures_of(folder)):
        out().print(line, markup=False)
    if (catalogue := catalogue_named(folder)) is not None:
        out().print(f"catalogue: {catalogue}", markup=False)
    out().print(str(folder), markup=False)


def _refuse_long(choices: Making, settings: Settings) -> None:
    """The lexicon of a catalogue has labels for so many lines and no more."""
    if choices.longest > settings.recommend.max_k:
        raise BadInput(
            f"Lists may have {settings.recommend.max_k} items at most, not {choices.longest}.",
            hint="Choose a smaller `longest`, or set LISTWRIGHT_RECOMMEND__MAX_K.",
        )
