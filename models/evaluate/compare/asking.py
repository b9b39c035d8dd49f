"""One model asked for lists and answers, by the evaluators' own rows, each of them timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.evaluate import roads as answer_roads
from models.evaluate.compare.choices import Road, row_of
from models.evaluate.compare.meter import Metered
from models.evaluate.compare.timing import Timing
from models.evaluate.recommend.rows import Roads, Row
from models.evaluate.recommend.world import World
from models.evaluate.rows import Row as AnswerRow
from service.domain import Cot
from service.pipeline.answerer import Answerer
from service.ports import Engine


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and under which names."""

    engine: Engine
    model: str
    """What sets it apart from all others."""
    name: str
    """What the table calls it."""

    def timed(self, title: str, timing: Timing) -> Metered:
        """The engine for one row."""
        return Metered(self.engine, timing.meter(title), self.model)


def list_rows(
    world: World, asked: Asked, chosen: Sequence[Road], timing: Timing
) -> tuple[Row, ...]:
    """The rows of `evaluate recommend`, under the model's name."""

    def row(road: Road) -> Row:
        title = row_of(asked.name, road)
        parts = replace(world.recommender, engine=asked.timed(title, timing))
        roads = Roads(parts, world.tuning, world.made_of, world.untrained)
        made = replace(roads.row(road.of_lists), name=title)
        timing.begun(title, made.stamp)
        return made

    return tuple(map(row, chosen))


def answer_rows(
    parts: Answerer, asked: Asked, chosen: Sequence[Road], timing: Timing
) -> tuple[AnswerRow, ...]:
    """The rows of `evaluate answer`, under the model's name; nobody thinks beforehand."""

    def row(road: Road) -> AnswerRow:
        title = row_of(asked.name, road)
        timed = asked.timed(title, timing)
        roads = answer_roads.Roads(replace(parts, engine=timed), Cot.OFF)
        there = {row.name: row for row in roads.ablation()}
        made = replace(there[road.of_answers], name=title)
        timing.begun(title, made.stamp)
        return made

    return tuple(map(row, chosen))
