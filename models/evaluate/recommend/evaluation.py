"""The whole evaluation in one call: split, build, learn, ask, sum up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.data.split import Split, sampled
from models.evaluate.in_process import InProcess
from models.evaluate.ledger import Journal
from models.evaluate.recommend.answers import Posing, answered
from models.evaluate.recommend.listed import ListedForm
from models.evaluate.recommend.machine import machine_of
from models.evaluate.recommend.rows import Roads, Row, RowName
from models.evaluate.recommend.summary import Summary, summarised
from models.evaluate.recommend.tasks import Task
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

    @property
    def posing(self) -> Posing:
        """What is asked of every user."""
        return Posing(self.k, self.tasks, self.seed)


async def evaluated(
    settings: Settings, wanted: Wanted, how: How, model: InProcess | None = None
) -> Summary:
    """The figures; BadInput before the first list if they could not be had.

    A model that is named makes the lists, in place of the settings' engine.
    """
    settings = settings if model is None else model.settings(settings)
    _refuse(settings, wanted, by_model=model is not None or settings.engine.kind != "none")
    # Read again when the first list is made, maybe hours later: a wrong file is told of now.
    Journal(ListedForm(), how.keep)
    split = split_of(wanted.data, wanted.reading)
    _refuse_long(split, wanted.k)
    async with world_of(split, settings, wanted.making, how.report, model) as world:
        await _known(world, how)
        rows = _rows(world, wanted)
        cases = sampled(split.test, wanted.users, wanted.seed)
        lot, left_out = await answered(world, wanted.posing, rows, cases, how)
        measured = _measured(world, wanted, lot.tasks)
        measured |= {"tasks left out": "; ".join(left_out) or "none"}
        measured |= machine_of(settings, world.recommender, how)
        return summarised(lot, measured, rows)


def _refuse(settings: Settings, wanted: Wanted, *, by_model: bool) -> None:
    """What can be seen to fail before anything is built."""
    refuse_few(wanted.making.weighed, "--tune-users")
    if wanted.k > settings.recommend.max_k:
        raise BadInput(
            f"Lists may have {settings.recommend.max_k} items at most, not {wanted.k}.",
            hint="Ask for fewer, or set LISTWRIGHT_RECOMMEND__MAX_K.",
        )
    needing = [name for name in wanted.rows if name.by_model]
    if needing and not by_model:
        raise BadInput(
            f"The row {needing[0].value!r} needs a language model, and there is no engine.",
            hint="Name one with --engine or --model, or leave the row out.",
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
