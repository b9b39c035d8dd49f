"""`auto`: which strategy makes a list, by how good and how fast each was; and why that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.domain import Strategy
from service.pipeline.blend import blend_for, fitted_for, heard
from service.pipeline.brief import Brief, wish_weight
from service.pipeline.measured import measured
from service.pipeline.pace import needed, usual
from service.pipeline.parts import Recommender
from service.pipeline.weighing import can_weigh
from service.ports import Deadline, Engine
from service.tuning import Measured

IN_TIME: Final = "the engine could answer in time"
UNTUNED_HERE: Final = "measured with sasrec, which does not speak here: weights not tuned stand in"
WISHED_OTHERWISE: Final = "measured with words that count as they were tuned to"
UNMEASURED: Final = "nothing has been measured of this model's lists"


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
    known = _Known(
        {one: figure for one in seconds if (figure := measured(parts, brief, one)) is not None},
        tuned=bool(brief.tuning.blends),
    )
    wanted = known.best(list(seconds))
    best = known.best([one for one in seconds if one not in late])
    reasons = [*_too_late(late), *known.reasons(best), *_untuned(known, brief)]
    return Choice(best, "; ".join(reasons), short=best is not wanted)


def seconds_for(parts: Recommender, engine: Engine, brief: Brief, strategy: Strategy) -> float:
    """What a list by a strategy needs, as far as is known."""
    return _needed(parts, engine, brief).get(strategy, 0.0)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was measured of the strategies that there are."""

    figures: Mapping[Strategy, Measured]
    tuned: bool
    """Whether the prior is known to be good, even if nothing is known of the model."""

    def best(self, among: Sequence[Strategy]) -> Strategy:
        """The one that is clearly better than the retrievers alone, the most so; else they.

        Where nothing is known of either, the dearest there is time for: who runs a model and has
        measured nothing shall have it.
        """
        if not self.figures and not self.tuned:
            return among[-1]
        clear = [one for one in among if one in self.figures and self.figures[one].clear]
        return max(clear, key=lambda one: self.figures[one].above, default=Strategy.RETRIEVE)

    def reasons(self, best: Strategy) -> Iterator[str]:
        """Why it is that one."""
        if best in self.figures:
            yield _better(self.figures[best])
        elif best is Strategy.RETRIEVE:
            # One that was clearly better is too late, which is said already.
            yield from (_no_better(one) for one in self.figures.values() if not one.clear)
        else:
            yield IN_TIME
        if not self.figures:
            yield UNMEASURED


def _untuned(known: _Known, brief: Brief) -> Iterator[str]:
    """That the figures are of another prior than this list's, where they are."""
    tuning, situation, speaking = brief.tuning, brief.situation, brief.found.speaking
    fitted = fitted_for(tuning, heard(situation, speaking))
    if known.figures and fitted and blend_for(tuning, situation, speaking) != fitted:
        yield UNTUNED_HERE
    elif known.figures and brief.situation.words.said and wish_weight(brief.request) != 1.0:
        yield WISHED_OTHERWISE


def _needed(parts: Recommender, engine: Engine, brief: Brief) -> dict[Strategy, float]:
    """The strategies that there are, the cheapest first, and the seconds that each would need."""
    each = usual(parts.rank_pace, parts.pace)
    seconds = {
        Strategy.RETRIEVE: 0.0,
        Strategy.RANK: needed(parts.rank_pace, engine, 0, each=each),
        Strategy.GENERATE: needed(parts.pace, engine, brief.request.k, each=each),
    }
    if not can_weigh(parts, engine):
        del seconds[Strategy.RANK]
    return seconds


def _too_late(late: Mapping[Strategy, float]) -> Iterator[str]:
    if late:
        each = [
            f"{one} {'would need ' * (not at)}about {need:.1f} s"
            for at, (one, need) in enumerate(late.items())
        ]
        yield f"{' and '.join(each)}, more than the deadline leaves"


def _better(figure: Measured) -> str:
    return (
        f"{figure.strategy}: NDCG@10 {figure.ndcg:.3f} for {figure.requests} validation requests,"
        f" {figure.alone:.3f} by the retrievers alone"
    )


def _no_better(figure: Measured) -> str:
    return f"{_better(figure)}: not clearly better"
