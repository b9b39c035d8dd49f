"""Examples whose answer is a list: asked as the service asks, answered as its plan allows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np

from models.data.split import Case, Split
from models.evaluate.recommend.ground import Ground
from models.evaluate.recommend.tasks import dice_of
from models.sft.data.choices import Making
from models.sft.data.example import Example, Wanted
from models.sft.data.kinds import DRAWN, Kind
from models.sft.data.saying import Voice, said
from models.sft.data.teacher import Teacher
from service.domain import Controls, Intent, RecommendRequest
from service.ports import Catalogue
from service.prompts.recommend import recommend_prompt
from service.prompts.wishes import HISTORY_SHOWN
from service.steering.plan import Stock, compile_plan

IMPOSSIBLE: Final = "no list with the next item can obey such a request"
TWINS: Final = "two items of the list have the same title"

Made: TypeAlias = Example | str
"""An example, or why there is none."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Makes examples of moments."""

    split: Split
    catalogue: Catalogue
    teacher: Teacher
    choices: Making
    _grounds: dict[int, Ground] = field(default_factory=dict)

    def made(self, kind: Kind, case: Case, voice: Voice) -> Made:
        """The example of a task at a moment. Its dice are thrown for it alone."""
        choices = self.choices
        name = f"{kind}/{len(case.history)}"
        dice = dice_of(choices.seed, name, self.split.dataset.users[case.user])
        case = self._known(kind, case, dice)
        k = int(dice.integers(choices.fewest, choices.longest + 1))
        ground = self._ground(k)
        request = DRAWN[kind](ground, case, dice)
        if request is None:
            return IMPOSSIBLE
        return self._example(kind, request, ground.dataset.ids[case.target], voice, dice)

    def _known(self, kind: Kind, case: Case, dice: np.random.Generator) -> Case:
        """The case as far as its history is known."""
        if kind is Kind.SEARCH and dice.random() >= self.choices.with_history:
            return replace(case, history=case.history[:0])
        return replace(case, history=case.history[-self.choices.history :])

    def _ground(self, k: int) -> Ground:
        """Where lists of a length are drawn; what it finds out is found out once."""
        return self._grounds.setdefault(k, Ground(self.split, self.catalogue, k))

    def _example(
        self,
        kind: Kind,
        request: RecommendRequest,
        target: str,
        voice: Voice,
        dice: np.random.Generator,
    ) -> Made:
        controls, ids = request.intent.controls, request.history or ()
        history, (row,) = self.catalogue.rows(ids), self.catalogue.rows([target])
        stock = Stock(self.catalogue.size, self.catalogue.postings, np.unique(history))
        plan = compile_plan(stock, controls, request.k)
        rows = self.teacher.filled(plan, int(row), history)
        titles = tuple(self.catalogue.spelling(row) for row in rows)
        if len(set(titles)) < len(titles):
            return TWINS
        shown = self._intent(kind, controls, request.k, voice, dice)
        before = [self.catalogue.spelling(row) for row in history[-HISTORY_SHOWN:].tolist()]
        return Example.of_list(
            kind,
            recommend_prompt(before, shown, request.k),
            titles,
            Wanted(request.k, ids, target, replace(shown, controls=controls)),
        )

    def _intent(
        self, kind: Kind, controls: Controls, k: int, voice: Voice, dice: np.random.Generator
    ) -> Intent:
        """What the prompt tells of the controls: themselves, or words that mean them."""
        if controls == Controls():
            return Intent()
        if kind is not Kind.SEARCH and dice.random() >= self.choices.in_words:
            return Intent(controls=controls)
        return said(kind, controls, k, voice, dice)
