"""The making of instruction data: which moments are asked about, in which order, and the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from models.data.split import Case, Split, sampled
from models.sft.data.choices import Making
from models.sft.data.general import general
from models.sft.data.kinds import LISTS, Kind
from models.sft.data.learnt import Learnt
from models.sft.data.lists import Lists, Made
from models.sft.data.moments import SHORTEST, moments_of
from models.sft.data.parts import (
    CATALOGUE,
    TRAIN,
    VALIDATION,
    Context,
    catalogue_said,
    figures_of_parts,
    write_part,
)
from models.sft.data.phrases import HELD, LEARNT
from models.sft.data.records import Row
from models.sft.data.saying import Voice
from models.steps.output import Figures
from models.steps.telling import Moment, Telling
from service.errors import BadInput

HELD_BACK: Final = 10
"""One general row in so many is for validation."""

Job: TypeAlias = tuple[Kind, Case | Row]
"""An example to be made: of a moment, or of a row."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the two files is made of."""

    file: str
    jobs: tuple[Job, ...]
    voice: Voice


@dataclass(frozen=True, slots=True)
class Order:
    """What examples are made of, and how."""

    learnt: Learnt
    rows: Sequence[Row]
    """General instructions."""
    context: Context
    choices: Making


def make(folder: Path, order: Order, telling: Telling) -> Figures:
    """Write both parts into a folder; what they hold, and of which catalogue."""
    learnt, choices = order.learnt, order.choices
    lists = Lists(learnt.split, learnt.catalogue, learnt.teacher, choices)
    accounts = [
        write_part(folder / part.file, _made(part, lists, order.context, telling))
        for part in parts_of(learnt.split, order.rows, choices)
    ]
    short = sum(len(met) < SHORTEST for met in learnt.split.train)
    told = {
        "users_too_short": short,
        "teacher": choices.teacher.value,
        CATALOGUE: catalogue_said(learnt.folder, folder),
    }
    return {**figures_of_parts(*accounts), **told}


def parts_of(split: Split, rows: Sequence[Row], choices: Making) -> tuple[Part, Part]:
    """All that is to be made; each part in an order of its own, so that any beginning is a mix."""
    moments = tuple(moments_of(split.train, split.dataset.users, choices.moments, choices.seed))
    wanted = [kind for kind in LISTS if kind in choices.tasks]
    if wanted and not (moments and split.validation):
        raise BadInput(
            "Nobody met enough to learn from: no user has an item, one that comes next, and"
            " another to validate with.",
            hint="Name data with longer histories.",
        )
    asked = rows if Kind.GENERAL in choices.tasks else ()
    train, held = _cut(asked, choices)
    jobs = _jobs(wanted, moments, train, choices, choices.most)
    asking = _jobs(wanted, split.validation, held, choices, choices.most_validation)
    return (
        Part(TRAIN, _shuffled(jobs, choices.seed), Voice(LEARNT, choices.amount_said)),
        Part(VALIDATION, _shuffled(asking, choices.seed), Voice(HELD, choices.amount_said)),
    )


def _jobs(
    kinds: Sequence[Kind],
    cases: Sequence[Case],
    rows: Sequence[Row],
    choices: Making,
    most: int,
) -> Iterator[Job]:
    for place, kind in enumerate(kinds):
        count = min(most, round(choices.shares.get(kind, 1.0) * len(cases)))
        # Not the same moments for every task.
        for case in sampled(cases, count, choices.seed + place):
            yield kind, case
    for row in rows:
        yield Kind.GENERAL, row


def _cut(rows: Sequence[Row], choices: Making) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to validate with, drawn with the seed."""
    order = np.random.default_rng(choices.seed).permutation(len(rows)).tolist()
    held = min(choices.most_validation, len(rows) // HELD_BACK)
    return [rows[at] for at in order[held:][: choices.most]], [rows[at] for at in order[:held]]


def _shuffled(jobs: Iterator[Job], seed: int) -> tuple[Job, ...]:
    found = tuple(jobs)
    order = np.random.default_rng(seed).permutation(len(found))
    return tuple(found[place] for place in order.tolist())


def _made(
    part: Part, lists: Lists, context: Context, telling: Telling
) -> Iterator[tuple[str, Made]]:
    stage, total = part.file.removesuffix(".jsonl"), len(part.jobs)
    for done, (kind, of) in enumerate(part.jobs):
        telling(Moment(stage, done, total))
        made = lists.made(kind, of, part.voice) if isinstance(of, Case) else general(of)
        yield kind, context.fitting(made)
    telling(Moment(stage, total, total))
