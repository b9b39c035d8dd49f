"""The lists themselves: every request of every task under every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.data.split import Case
from models.evaluate.ledger import Journal
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.listed import ListedForm
from models.evaluate.recommend.meanings import WORDNET, meanings_in
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.run import Asking
from models.evaluate.recommend.summary import Answers, Lot
from models.evaluate.recommend.tasks import Task, lacking, posed, tasks_of
from models.evaluate.recommend.world import World
from models.evaluate.running import How
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Posing:
    """What is asked of every user."""

    k: int = 10
    tasks: tuple[Task, ...] = ()
    """None: all that the data set has use for."""
    seed: int = 1


async def answered(
    world: World, posing: Posing, rows: Sequence[Row], cases: Sequence[Case], how: How
) -> tuple[Lot, list[str]]:
    """What came of every task that has requests, and why the others have none.

    Task by task, so that the requests of one alone are held in memory. BadInput if none has any.
    """
    meanings = meanings_in(WORDNET, world.catalogue.categories)
    ground = Ground(world.split, world.catalogue, posing.k, meanings)
    items = {item.id: item for item in ground.dataset.source.items}
    asking = Asking(rows, items.__getitem__, Journal(ListedForm(), how.keep), how)
    tasks, left_out = dict[Task, Answers](), list[str]()
    for task in posing.tasks or tasks_of(cases):
        requests = posed(ground, task, cases, posing.seed)
        if requests:
            tasks[task] = await asking.answers(task, requests)
        else:
            left_out.append(lacking(ground, task))
    _refuse_unasked(posing.k, rows, tasks, left_out)
    return Lot(posing.k, len(cases), tasks), left_out


def _refuse_unasked(
    k: int, rows: Sequence[Row], tasks: Mapping[Task, Answers], left_out: Sequence[str]
) -> None:
    """No requests, or rows none of which is for any of the tasks: no list was made then."""
    if not tasks:
        raise BadInput(
            f"For no user a list of {k} can be asked: {'; '.join(left_out)}.",
            hint="Ask for shorter lists, or for other tasks.",
        )
    if not any(of.rows for of in tasks.values()):
        named = ", ".join(row.name for row in rows)
        raise BadInput(
            f"There is nothing to make lists of: {named} has none of these tasks.",
            hint="Ask for a task with a control, or for other rows.",
        )
