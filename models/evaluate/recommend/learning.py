"""The seam to training and tuning: what is learnt of a split, published beside its catalogue.

What is there already is used as it is. Training sees the training part, and the validation part to
know when to stop; tuning sees the validation part; neither sees what is tested.
"""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where there is no ranker yet

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from models.data.split import Case, Split
from models.evaluate.recommend.gains import Gains
from models.sasrec.config import Config
from models.sasrec.lessons import too_few
from models.tune.asked import Asked, asked_of
from models.tune.strategies import measured
from models.tune.tune import How, tuned, wish_in
from service.cli.progress import Report
from service.domain import Intent, Strategy
from service.engines.remote.engine import UNKNOWN
from service.errors import BadInput, DamagedArtifact
from service.pipeline.parts import Recommender
from service.ports import Catalogue, Engine
from service.retrieval.ranker import load_ranker
from service.retrieval.ranker_publish import retuned
from service.tuning import LENGTHS, Situation, Tuning
from service.versions import CURRENT_FILE

CONFIG: Final = Config()
"""How SASRec is trained."""

SEED: Final = 11
"""Of the wishes that weights are measured with: not of those that are tested."""

GAINS_FILE: Final = "gains.jsonl"
"""Beside the ranker's folder, if it is known which model made the lists."""

MOMENTS: Final = 4
"""Validation cases for each request that is measured: not all of them have every situation."""


def trained(split: Split, root: Path, catalogue: str, report: Report) -> str | None:
    """Publish a ranker under a root, unless there is one; why not, if there is too little to learn.

    `catalogue` is the version it serves. BadInput if one is there and cannot be used: the service
    would do without it, and rows would not be what they are called.
    """
    if (root / CURRENT_FILE).exists():
        _refuse_damaged(root)
        return None
    if why := too_few(split.train, split.validation):
        return why
    try:
        from models.sasrec.rankers import ranker_of
        from models.sasrec.telling import through
    except ImportError as error:
        raise BadInput(
            f"Training needs {error.name}, which is not installed.",
            hint="Install the extra: pip install -e '.[convert]', or use make evaluate.",
        ) from error
    ranker_of(split, root, CONFIG, through(report), catalogue=catalogue)
    return None


def _refuse_damaged(root: Path) -> None:
    try:
        load_ranker(root)
    except DamagedArtifact as error:
        hint = f"Remove {root}, and it is trained anew."
        raise BadInput(error.message, hint=hint) from error


async def tuning_of(  # noqa: PLR0913, PLR0917 - what is asked, of how many, and who is told of it
    parts: Recommender, split: Split, root: Path, users: int, report: Report, made_of: str
) -> Tuning:
    """Blends, and weights for the model that there is, published with the ranker.

    What is not known yet is found out: blends on all validation cases, weights by lists for so
    many users; again, if that was by fewer. With 0 users no weight is, and the model has the one of
    the settings.
    """
    found = load_ranker(root).tuning
    moments = moments_of(split, parts.catalogue)
    if not found.blends:
        fitted = await tuned(parts, moments, How(report=report))
        # Published at once: the lists below take a while, and may be ended.
        found = _published(root, found, replace(found, blends=fitted.blends))
    if users and parts.engine is not None:
        asked = _asked(parts.catalogue, moments, users)
        if _known(found, parts.engine) < _most(asked, users):
            named = parts.engine.model != UNKNOWN
            path = root.parent / GAINS_FILE if named else None
            known = Gains.of(path, parts, f"{made_of} {found.blends}")
            told = await _measured(parts, asked, found, users, report, known)
            found = _published(root, found, told)
    return found


def _published(root: Path, before: Tuning, found: Tuning) -> Tuning:
    """What was found, published if it is something new."""
    if found != before:
        retuned(root, found)
    return found


def moments_of(split: Split, catalogue: Catalogue) -> list[Case]:
    """The validation cases in rows of a catalogue."""
    rows = catalogue.rows(split.dataset.ids)
    return [
        Case(case.user, rows[case.history], int(rows[case.target])) for case in split.validation
    ]


def _asked(catalogue: Catalogue, moments: Sequence[Case], users: int) -> list[Asked]:
    """Enough for so many users in every situation that there is."""
    dice = np.random.default_rng(SEED)
    drawn = dice.choice(len(moments), min(len(moments), MOMENTS * users), replace=False)
    return list(asked_of([moments[at] for at in drawn], wish_in(catalogue), SEED))


def _known(tuning: Tuning, engine: Engine) -> int:
    """By how many users' lists this model's weight was found, where nothing is wished for."""
    found = tuning.of(engine.model, Strategy.GENERATE, Situation(LENGTHS[-1][1]))
    return 0 if found is None else found.requests


def _most(asked: Sequence[Asked], users: int) -> int:
    """By how many it can be found now."""
    whole = {one.case.user for one in asked if one.intent == Intent() and not one.shortened}
    return min(users, len(whole))


async def _measured(  # noqa: PLR0913, PLR0917 - what is asked, of how many, and who is told of it
    parts: Recommender,
    asked: Sequence[Asked],
    tuning: Tuning,
    users: int,
    report: Report,
    known: Gains,
) -> Tuning:
    """The tuning with what this model's lists are worth; what was known of others stays."""
    blending = replace(parts, tuning=lambda: Tuning(tuning.blends))
    fresh = await measured(blending, asked, users, SEED, report, known)
    anew = {one.model for one in fresh}
    kept = (one for one in tuning.measured if one.model not in anew)
    return replace(tuning, measured=(*kept, *fresh))
