"""`auto`: which strategy makes a list, by how good and how fast each was; and why that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.domain import Strategy
from service.pipeline.brief import Brief
from service.pipeline.measured import measured
from service.pipeline.pace import needed
from service.pipeline.parts import Recommender
from service.pipeline.weighing import can_weigh
from service.ports import Deadline, Engine
from service.tuning import Measured

IN_TIME: Final = "the engine could answer in time"
UNMEASURED: Final = "nothing has been measured of its lists"


@dataclass(frozen=True, slots=True)
class Choice:
    """A strategy and why it is taken; short of time if a better one would be late."""

    strategy: Strategy
    why: str
    short: bool = False


def chosen(parts: Recommender, engine: Engine, brief: Brief, deadline: Deadline) -> Choice:
    """The strategy for a request: the one it asks for, or else the best that can be in time."""
    asked = brief.request.strategy
    if asked is not Strategy.AUTO:
        return Choice(asked, f"{asked} was asked for")
    seconds = _needed(parts, engine, brief)
    late = {one: need for one, need in seconds.items() if need > deadline.remaining()}
    known = {one: measured(parts, brief, one) for one in seconds}
    figures = {one: figure for one, figure in known.items() if figure is not None}
    if set(figures) <= {Strategy.RETRIEVE}:
        figures = {}  # of this model nothing is known, and there is nothing to compare with
    wanted = _best(figures, list(seconds))
    best = _best(figures, [one for one in seconds if one not in late])
    reasons = [*_too_late(late), *_reasons(best, figures)]
    return Choice(best, "; ".join(reasons), short=best is not wanted)


def _needed(parts: Recommender, engine: Engine, brief: Brief) -> dict[Strategy, float]:
    """The strategies that there are, the cheapest first, and the seconds that each would need."""
    seconds = {
        Strategy.RETRIEVE: 0.0,
        Strategy.RANK: needed(parts.rank_pace, engine, 0),
        Strategy.GENERATE: needed(parts.pace, engine, brief.request.k),
    }
    if not can_weigh(parts, engine):
        del seconds[Strategy.RANK]
    return seconds


def _best(figures: Mapping[Strategy, Measured], among: Sequence[Strategy]) -> Strategy:
    """The best of those measured; else the dearest there is time for.

    A dearer one has to be better than the cheaper by more than its figure's standard error: what a
    few users happened to like is not worth a model's time. Who has measured nothing shall have it.
    """
    compared = [one for one in among if one in figures]
    if not compared:
        return among[-1]
    best, *dearer = compared
    for one in dearer:
        if figures[one].ndcg > figures[best].ndcg + figures[one].error:
            best = one
    return best


def _too_late(late: Mapping[Strategy, float]) -> Iterator[str]:
    if late:
        each = [
            f"{one} {'would need ' * (not at)}about {need:.1f} s"
            for at, (one, need) in enumerate(late.items())
        ]
        yield f"{' and '.join(each)}, more than the deadline leaves"


def _reasons(best: Strategy, figures: Mapping[Strategy, Measured]) -> Iterator[str]:
    if best in figures:
        yield ", ".join([_figure(figures[best]), *_others(best, figures)])
        return
    if best is not Strategy.RETRIEVE:
        yield IN_TIME
    yield UNMEASURED


def _figure(best: Measured) -> str:
    return f"{best.strategy}: NDCG@10 {best.ndcg:.3f} on {best.users} validation users"


def _others(best: Strategy, figures: Mapping[Strategy, Measured]) -> Iterator[str]:
    for one, figure in figures.items():
        if one is not best:
            among = "" if figure.users == figures[best].users else f" on {figure.users}"
            yield f"{one} {figure.ndcg:.3f}{among}"
