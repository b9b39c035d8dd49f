"""The world that lists are made in: the data set cut by time, and what is learnt of its past.

Catalogue and ranker are built of what may be learnt alone, and kept in the work folder, under
names that say what they are made of: who evaluates again finds them there.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from models.data.dataset import Dataset, read_dataset
from models.data.split import SHORTEST, Split, leave_one_out
from models.data.unlisted import event_file
from models.evaluate.in_process import InProcess
from models.evaluate.recommend.learning import CONFIG, trained, tuning_of
from service.catalog.artifact import LoadedCatalogue
from service.catalog.build import build
from service.catalog.build_version import version_of
from service.catalog.manifest import check_tokenizer
from service.catalog.read_columns import choose
from service.catalog.read_formats import open_table
from service.cli.progress import Report
from service.errors import BadCatalogue, BadInput
from service.pipeline.parts import Recommender
from service.ports import Engine
from service.retrieval.ranker import current_version, ranker_root
from service.retrieval.ranker_facts import WEIGHTS_FILE
from service.settings import Settings
from service.tuning import Tuning
from service.wiring import opened, tools_of
from service.wiring_editions import Edition
from service.wiring_engine import tokenizer_under
from service.wiring_warmup import warm_up

FOLDER: Final = "evaluate"
"""In the cache, where no other folder is named."""

FORMAT: Final = 6
"""Of what is learnt and tuned: what older code left in the folder is not taken for it."""


@dataclass(frozen=True, slots=True)
class World:
    """A data set, the parts that make lists of it, and what they are made of."""

    split: Split
    catalogue: LoadedCatalogue
    recommender: Recommender
    tuning: Tuning
    ranker: str | None
    """Its version; None where there is none."""
    untrained: str | None
    """Why there is none."""
    made_of: str
    """Catalogue, ranker, encoder: what no tuning changes."""


@dataclass(frozen=True, slots=True)
class Making:
    """How a world is made."""

    work: Path | None = None
    """Where what is built and learnt is kept; in the cache, if it is not said."""
    weighed: int = 0
    """For how many users the prior's weight is tried, where it is not known for the model."""
    blended: bool = True
    """Whether blends are fitted where there are none yet: whoever makes no lists needs none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files of a data set are read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    skip_bad: bool = False


def split_of(data: Path, how: Reading) -> Split:
    """A data set cut by time; BadInput if there is nobody in it to be asked about."""
    if not data.is_dir():
        raise BadInput(
            f"{data}: {'this is no folder' if data.exists() else 'there is no such folder'}.",
            hint="Name a folder of MovieLens' CSV files, or of RecBole's atomic files.",
        )
    _refuse_unordered(data, how)
    dataset = read_dataset(data, how.columns, skip_bad=how.skip_bad)
    split = leave_one_out(dataset)
    if not split.test:
        raise BadInput(_nobody(dataset), hint="Name a data set with users' interactions over time.")
    return split


def _refuse_unordered(data: Path, how: Reading) -> None:
    """Without times nobody knows what a user met last."""
    events, _ = event_file(data)
    if events is None:
        return
    try:
        choose(open_table(events), ("timestamp",), how.columns)
    except BadCatalogue as error:
        raise BadInput(
            f"Interactions need the times they were at: {error.message}",
            hint="What each user met last is left out and asked for. If a column has another name,"
            " say so: --column timestamp=NAME.",
        ) from error


def _nobody(dataset: Dataset) -> str:
    if not dataset.users:
        return f"{dataset.name}: there are items, but no interactions of users with them."
    return f"{dataset.name}: none of its {len(dataset.users)} users met {SHORTEST} items or more."


@asynccontextmanager
async def world_of(
    split: Split,
    settings: Settings,
    making: Making,
    report: Report,
    model: InProcess | None = None,
) -> AsyncIterator[World]:
    """Build and learn what is not there yet, and open the service on it.

    A model that is named makes the lists; the settings are to be its own then.
    """
    source, tools = split.learnt_from(), tools_of(settings)
    folder = (making.work or settings.cache.folder / FOLDER) / _name(
        split, version_of(source, tools)
    )
    path = build(source, folder, tools, report)
    root = ranker_root(path)
    wanted = settings.retrieval.sasrec
    untrained = trained(split, root, path.name, report) if wanted else "the settings have none"
    async with (
        opened(_settings(settings, path, ranked=untrained is None)) as parts,
        _steering(parts.editions.current, model, settings) as steering,
    ):
        yield await _world(split, steering, untrained, making, report)


@asynccontextmanager
async def _steering(
    edition: Edition, model: InProcess | None, settings: Settings
) -> AsyncIterator[Edition]:
    """The edition with a model that is loaded here, if one is named."""
    if model is None:
        yield edition
        return
    async with model.opened(settings) as engine:
        spelled_alike(edition.catalogue, engine)
        recommender = replace(edition.recommender, engine=engine)
        await warm_up(engine, recommender)
        yield replace(edition, recommender=recommender)


def spelled_alike(catalogue: LoadedCatalogue, engine: Engine) -> None:
    """DamagedArtifact if the lexicon was made for another tokenizer than the engine's."""
    tokenizer = tokenizer_under(engine)
    if tokenizer is not None:
        check_tokenizer(catalogue.manifest, tokenizer.name, tokenizer.sha256)


def _settings(settings: Settings, path: Path, *, ranked: bool) -> Settings:
    """For this catalogue; without a ranker, where none will come."""
    there = settings.catalogue.model_copy(update={"path": path})
    retrieval = settings.retrieval.model_copy(update={"sasrec": ranked})
    return settings.model_copy(update={"catalogue": there, "retrieval": retrieval})


async def _world(
    split: Split, edition: Edition, untrained: str | None, making: Making, report: Report
) -> World:
    """The world that an edition makes: tuned, if there is a ranker to keep the tuning."""
    catalogue, recommender = edition.catalogue, edition.recommender
    root = ranker_root(catalogue.folder)
    ranker = None if edition.ranker is None else edition.ranker.current()
    weights = "" if ranker is None else _digest(root / ranker.ranker.version / WEIGHTS_FILE)
    made_of = f"{catalogue.version} {weights} {catalogue.manifest.encoder}"
    tuning = recommender.tuning()
    if ranker is not None and making.blended:
        tuning = await tuning_of(recommender, split, root, making.weighed, report, made_of)
    version = current_version(root) if ranker else None
    return World(split, catalogue, recommender, tuning, version, untrained, made_of)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(split: Split, version: str) -> str:
    """The data set's, and a digest of all that is learnt and tuned with: not of what is tested."""
    digest = hashlib.sha256(f"{FORMAT} {version} {CONFIG}".encode())
    for case in split.validation:
        digest.update(f"{case.user} {case.target};".encode())
    return f"{split.dataset.name}-{digest.hexdigest()[:12]}"
