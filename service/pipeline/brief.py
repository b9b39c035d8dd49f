"""The brief: everything known before a list is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from service.domain import Controls, RecommendRequest, Supplement
from service.pipeline.aside import aside, soon
from service.pipeline.blend import blend_as_wished
from service.pipeline.candidates import Candidates, Wanted, candidates
from service.pipeline.clock import Deadline, Stopwatch
from service.pipeline.parts import Recommender
from service.pipeline.recall import History
from service.ports import RetrievalQuery
from service.steering.conflict import plan_or_relax
from service.steering.plan import Plan, Stock
from service.tuning import Situation, Tuning

NO_ROOM: Final = "the prompt had no room for it"


@dataclass(frozen=True, slots=True)
class Brief:
    """One request, its plan, the controls the plan keeps, and the candidates for it."""

    request: RecommendRequest
    history: History
    plan: Plan
    kept: Controls
    relaxed: Controls
    tuning: Tuning
    """As it was when the request came."""
    situation: Situation
    found: Candidates
    thought: Supplement | None = None
    """What a small model thinks of the user, where one was to be asked."""

    @property
    def notes(self) -> str:
        """What of that the prompt shows."""
        return self.thought.text if self.thought and self.thought.used else ""

    def unread(self) -> Brief:
        """The same without them: the prompt has no room for what was thought."""
        if self.thought is None:
            return self
        why = f"{self.thought.why}; {NO_ROOM}"
        return replace(self, thought=replace(self.thought, used=False, failed=True, why=why))


def wish_weight(request: RecommendRequest) -> float:
    """How much words count, as a multiple of what tuning found."""
    return 1.0 if request.wish_weight is None else request.wish_weight


async def prepare(
    parts: Recommender,
    request: RecommendRequest,
    history: History,
    watch: Stopwatch,
    deadline: Deadline,
) -> Brief:
    """Plan -> candidates."""
    catalogue, intent, tuning = parts.catalogue, request.intent, parts.tuning()
    at_once = soon(catalogue.size, request.k)
    with watch.stage("plan"):
        stock = Stock(catalogue.size, catalogue.postings, history.banned)
        plan, kept, relaxed = await aside(
            at_once, plan_or_relax, stock, intent.controls, request.k, request.on_conflict
        )
    with watch.stage("candidates"):
        query = RetrievalQuery(history.rows, intent.words)
        situation = Situation.of(len(history.banned), replace(intent, controls=kept))
        weigh = partial(blend_as_wished, tuning, situation, wish_weight(request))
        wanted = Wanted(query, plan, weigh, at_once)
        found = await candidates(parts, wanted, deadline)
    return Brief(request, history, plan, kept, relaxed, tuning, situation, found)
