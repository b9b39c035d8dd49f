"""The whole evaluation in one call: split, build, learn, ask, sum up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.data.split import Case, Split, sampled
from models.evaluate.ledger import Journal
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.listed import ListedForm
from models.evaluate.recommend.machine import machine_of
from models.evaluate.recommend.meanings import WORDNET, meanings_in
from models.evaluate.recommend.rows import Roads, Row, RowName
from models.evaluate.recommend.run import Asking
from models.evaluate.recommend.summary import Answers, Lot, Summary, summarised
from models.evaluate.recommend.tasks import Task, lacking, posed, tasks_of
from models.evaluate.recommend.world import (
    Making,
    Reading,
    World,
    split_of,
    world_of,
)
from models.evaluate.running import How
from models.tune.strategies import WEIGHTS, refuse_few
from service.catalog.read import Source
from service.engines.remote.engine import UNKNOWN, RemoteEngine
from service.errors import BadInput
from service.prompts.rank import VERSION as RANK_VERSION
from service.prompts.recommend import VERSION as PROMPT_VERSION
from service.settings import Settings

AS_NAMED: Final = Reading()
AS_KEPT: Final = Making()
"""Everything in the cache, and no weight tried."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured."""

    data: Path
    k: int = 10
    users: int | None = None
    seed: int = 1
    rows: tuple[RowName, ...] = ()
    """None: all that can be had."""
    tasks: tuple[Task, ...] = ()
    """None: all that the data set has use for."""
    weights: bool = False
    """Also lists at several weights of the prior."""
    making: Making = AS_KEPT
    reading: Reading = AS_NAMED


async def evaluated(settings: Settings, wanted: Wanted, how: How) -> Summary:
    """The figures; BadInput before the first list if they could not be had."""
    _refuse(settings, wanted)
    # Read again when the first list is made, maybe hours later: a wrong file is told of now.
    Journal(ListedForm(), how.keep)
    split = split_of(wanted.data, wanted.reading)
    _refuse_long(split, wanted.k)
    async with world_of(split, settings, wanted.making, how.report) as world:
        await _known(world, how)
        rows = _rows(world, wanted)
        cases = sampled(split.test, wanted.users, wanted.seed)
        lot, left_out = await _answered(world, wanted, rows, cases, how)
        measured = _measured(world, wanted, lot.tasks)
        measured |= {"tasks left out": "; ".join(left_out) or "none"}
        measured |= machine_of(settings, world.recommender, how)
        return summarised(lot, measured, rows)


def _refuse(settings: Settings, wanted: Wanted) -> None:
    """What can be seen to fail before anything is built."""
    refuse_few(wanted.making.weighed, "--tune-users")
    if wanted.k > settings.recommend.max_k:
        raise BadInput(
            f"Lists may have {settings.recommend.max_k} items at most, not {wanted.k}.",
            hint="Ask for fewer, or set LISTWRIGHT_RECOMMEND__MAX_K.",
        )
    needing = [name for name in wanted.rows if name.by_model]
    if needing and settings.engine.kind == "none":
        raise BadInput(
            f"The row {needing[0].value!r} needs a language model, and there is no engine.",
            hint="Name one with --engine, or leave the row out.",
        )


async def _answered(
    world: World, wanted: Wanted, rows: Sequence[Row], cases: Sequence[Case], how: How
) -> tuple[Lot, list[str]]:
    """What came of every task that has requests, and why the others have none.

    Task by task, so that the requests of one alone are held in memory.
    """
    meanings = meanings_in(WORDNET, world.catalogue.categories)
    ground = Ground(world.split, world.catalogue, wanted.k, meanings)
    items = {item.id: item for item in ground.dataset.source.items}
    asking = Asking(rows, items.__getitem__, Journal(ListedForm(), how.keep), how)
    tasks, left_out = dict[Task, Answers](), list[str]()
    for task in wanted.tasks or tasks_of(cases):
        requests = posed(ground, task, cases, wanted.seed)
        if requests:
            tasks[task] = await asking.answers(task, requests)
        else:
            left_out.append(lacking(ground, task))
    _refuse_unasked(wanted, rows, tasks, left_out)
    return Lot(wanted.k, len(cases), tasks), left_out


def _refuse_unasked(
    wanted: Wanted, rows: Sequence[Row], tasks: Mapping[Task, Answers], left_out: Sequence[str]
) -> None:
    """No requests, or rows none of which is for any of the tasks: no list was made then."""
    if not tasks:
        raise BadInput(
            f"For no user a list of {wanted.k} can be asked: {'; '.join(left_out)}.",
            hint="Ask for shorter lists, or for other tasks.",
        )
    if not any(of.rows for of in tasks.values()):
        named = ", ".join(row.name for row in rows)
        raise BadInput(
            f"There is nothing to make lists of: {named} has none of these tasks.",
            hint="Ask for a task with a control, or for other rows.",
        )


def _refuse_long(split: Split, k: int) -> None:
    """Lists for which there are not enough items beside any history."""
    room = split.dataset.size - min(len(case.history) for case in split.test)
    if k > room:
        raise BadInput(
            f"For no user a list of {k} can be asked: there are {split.dataset.size} items,"
            " those of the histories among them.",
            hint=f"Ask for {room} or fewer.",
        )


async def _known(world: World, how: How) -> None:
    """Only a look at a server tells which model it has; without it nothing can be kept."""
    engine: object = world.recommender.engine
    if not isinstance(engine, RemoteEngine):
        return
    trouble = await engine.trouble()
    if how.keep is not None and engine.model == UNKNOWN:
        why = f": {trouble}" if trouble else ""
        raise BadInput(
            f"Which model the engine's server has is not known, so nothing can be kept{why}.",
            hint="Name it with LISTWRIGHT_ENGINE__MODEL, or leave out --keep.",
        )


def _rows(world: World, wanted: Wanted) -> list[Row]:
    roads = Roads(world.recommender, world.tuning, world.made_of, world.untrained)
    names = wanted.rows or [name for name in RowName if roads.lacking(name) is None]
    rows = [roads.row(name) for name in names]
    if wanted.weights and RowName.PRIOR in names:
        rows += [roads.weighed(weight) for weight in WEIGHTS]
    return rows


def _measured(world: World, wanted: Wanted, tasks: Iterable[Task]) -> dict[str, str]:
    """What the figures are of, for whoever reads them elsewhere."""
    split, catalogue, engine = world.split, world.catalogue, world.recommender.engine
    encoder = catalogue.manifest.encoder
    there = f"{len(split.test)} with 3 items or more, of {len(split.dataset.users)}"
    few = wanted.users is not None and wanted.users < len(split.test)
    drawn = f"{wanted.users} drawn with the seed" if few else "all"
    return {
        "data": split.dataset.name,
        "items": str(split.dataset.size),
        "users": f"{there}; asked about: {drawn}",
        "events learnt from": str(catalogue.manifest.counts.events),
        "left out of the files": _unread(split.dataset.source),
        "protocol": "leave one out in time, ranked over all items, none sampled",
        "k": str(wanted.k),
        "seed": str(wanted.seed),
        "tasks": ", ".join(tasks),
        "catalogue": catalogue.version,
        "SASRec": world.ranker or f"none: {world.untrained}",
        "sentence encoder": encoder.name if encoder else "none",
        "language model": engine.model if engine else "none",
        "prompts": f"{PROMPT_VERSION}, {RANK_VERSION}",
        "weights": _weights(world),
    }


def _unread(source: Source) -> str:
    """What the files hold and nothing is made of."""
    return (
        f"{source.events.unknown_items} events of items that are not listed,"
        f" {source.skipped_count} rows that could not be used"
    )


def _weights(world: World) -> str:
    """What the prior weighs for the model, and by how many users' lists that was found."""
    engine = world.recommender.engine
    if engine is None:
        return "none"
    told = (
        f"{one.strategy}{'' if one.history else ' without history'}"
        f"{' with words' if one.words else ''} {one.prior_weight:g} ({one.requests} users)"
        for one in world.tuning.measured
        if one.model == engine.model
    )
    return ", ".join(told) or f"not tuned, {world.recommender.policy.prior_weight:g}"
