"""What examples are made of: what may be learnt of a data set, or of a catalogue that is served.

Of a data set that was cut by time, what is tested is not even passed on. Of a built catalogue, what
each user met last is for validation, as it was when its ranker was trained with the usual choices.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from models.data.dataset import Dataset
from models.data.served import last_left_out, served
from models.data.split import Split
from models.evaluate.in_process import without_engine
from models.evaluate.recommend.learning import CONFIG
from models.evaluate.recommend.world import Making, world_of
from models.sft.data.choices import TeacherName
from models.sft.data.teacher import Teacher
from models.steps.digest import ranker_digest
from service.catalog.artifact import load
from service.catalog.read import Source
from service.catalog.read_events import no_events
from service.cli.progress import Report
from service.errors import BadInput
from service.ports import Catalogue
from service.retrieval.ranker import load_ranker, ranker_root
from service.retrieval.ranker_bound import bound
from service.retrieval.sasrec import SasRec
from service.settings import Settings
from service.wiring_engine import tokenizer_of


@dataclass(frozen=True, slots=True)
class Learnt:
    """Sequences and cases, the catalogue they are of, and the teacher."""

    split: Split
    """Without a test."""
    catalogue: Catalogue
    teacher: Teacher
    made_of: str
    """A digest of all three."""
    folder: Path
    """Where the catalogue stands."""


@asynccontextmanager
async def learnt_of_data(
    split: Split, settings: Settings, work: Path | None, teacher: TeacherName, report: Report
) -> AsyncIterator[Learnt]:
    """What may be learnt of a data set, in the world that the evaluator makes of it.

    Its catalogue and its ranker stand in the work folder under the names that the evaluator looks
    for, so whichever comes first makes them for both.
    """
    known = replace(split, test=())
    settings = _as_needed(settings, teacher)
    async with world_of(split, settings, Making(work, blended=False), report) as world:
        found = {one.name: one for one in world.recommender.retrievers}
        if teacher is TeacherName.POPULARITY:
            taught = Teacher(world.catalogue)
        elif world.untrained is not None:
            raise _no_teacher(world.untrained)
        else:
            taught = Teacher(world.catalogue, found["sasrec"])
        made_of = f"{world.made_of} {_digest(known)}"
        yield Learnt(known, world.catalogue, taught, made_of, world.catalogue.folder)


def learnt_of_catalogue(folder: Path, settings: Settings, teacher: TeacherName) -> Learnt:
    """What a built catalogue remembers of its users, and the ranker beside it.

    DamagedArtifact if there is none and SASRec is to teach.
    """
    catalogue = load(folder, tokenizer=tokenizer_of(settings))
    found = served(catalogue)
    train, cases = last_left_out(found.sequences, CONFIG.cases, CONFIG.seed)
    items = tuple(catalogue.item(row) for row in range(catalogue.size))
    users = tuple(str(user) for user in range(len(found.sequences)))
    dataset = Dataset(
        catalogue.version, Source(items, no_events(items)), users, found.sequences, ()
    )
    split = Split(dataset, train, cases, ())
    if teacher is TeacherName.POPULARITY:
        made_of = f"{catalogue.version} {_digest(split)}"
        return Learnt(split, catalogue, Teacher(catalogue), made_of, catalogue.folder)
    root = ranker_root(folder)
    ranker = bound(load_ranker(root), catalogue)
    weights = ranker_digest(root / ranker.ranker.version)
    return Learnt(
        split,
        catalogue,
        Teacher(catalogue, SasRec(lambda: ranker)),
        f"{catalogue.version} {weights} {_digest(split)}",
        catalogue.folder,
    )


def _as_needed(settings: Settings, teacher: TeacherName) -> Settings:
    """Without an engine, though the catalogue is built for its tokenizer; SASRec if it teaches."""
    settings = without_engine(settings)
    if teacher is not TeacherName.POPULARITY:
        return settings
    unranked = settings.retrieval.model_copy(update={"sasrec": False})
    return settings.model_copy(update={"retrieval": unranked})


def _no_teacher(why: str) -> BadInput:
    return BadInput(
        f"SASRec cannot teach: {why}.",
        hint="Bring more events, or let popularity teach: --set teacher=popularity.",
    )


def _digest(split: Split) -> str:
    """Of what is learnt from and what validates."""
    digest = hashlib.sha256()
    for met in split.train:
        digest.update(met.tobytes() + b";")
    for case in split.validation:
        digest.update(f"{case.user} {case.target};".encode() + case.history.tobytes())
    return digest.hexdigest()
