"""One model asked for lists and answers, by the evaluators' own rows, each of them timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.evaluate import roads as answer_roads
from models.evaluate.compare.choices import Road, row_of
from models.evaluate.compare.meter import Metered, Speed
from models.evaluate.recommend.rows import Roads, Row
from models.evaluate.recommend.world import World
from models.evaluate.rows import Row as AnswerRow
from service.pipeline.answerer import Answerer
from service.ports import Engine
from service.question import Cot


def list_rows(
    world: World,
    engine: Engine,
    name: str,
    chosen: Sequence[Road],
    speeds: dict[str, Speed],
) -> tuple[Row, ...]:
    """The rows of `evaluate recommend`, under the model's name."""

    def row(road: Road) -> Row:
        title = row_of(name, road)
        timed = Metered(engine, speeds.setdefault(title, Speed()))
        parts = replace(world.recommender, engine=timed)
        roads = Roads(parts, world.tuning, world.made_of, world.untrained)
        return replace(roads.row(road.of_lists), name=title)

    return tuple(map(row, chosen))


def answer_rows(
    parts: Answerer,
    engine: Engine,
    name: str,
    chosen: Sequence[Road],
    speeds: dict[str, Speed],
) -> tuple[AnswerRow, ...]:
    """The rows of `evaluate answer`, under the model's name; nobody thinks beforehand."""

    def row(road: Road) -> AnswerRow:
        title = row_of(name, road)
        timed = Metered(engine, speeds.setdefault(title, Speed()))
        roads = answer_roads.Roads(replace(parts, engine=timed), Cot.OFF)
        there = {row.name: row for row in roads.ablation()}
        return replace(there[road.of_answers], name=title)

    return tuple(map(row, chosen))
