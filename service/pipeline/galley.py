"""The galley: a list as it grows. What has entered is final, so it can be shown at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from service.domain import Item, Prompt, RecommendedItem, Source
from service.errors import PromptTooLong
from service.pipeline.brief import Brief
from service.pipeline.explain import Explainer
from service.pipeline.validate import judge, misread
from service.ports import Catalogue, Spelled
from service.steering.progress import Progress

T = TypeVar("T")

Show: TypeAlias = Callable[[RecommendedItem], None]
"""Sees each line of a list as soon as it is final."""


async def with_room(galley: Galley, ask: Callable[[], Awaitable[T]]) -> T:
    """What comes of asking; where the prompt is too long with what was thought, without that."""
    try:
        return await ask()
    except PromptTooLong:
        if not galley.brief.notes:
            raise
    galley.brief = galley.brief.unread()
    return await ask()


class Galley:
    """Lines of one list. Drafted ones enter if they may stand; selected ones fill what is missing.

    The same walk under the plan as the speller's or `select`'s, done once more on whatever comes:
    an engine that lies changes what is repaired, never what is promised.
    """

    def __init__(self, catalogue: Catalogue, brief: Brief, show: Show) -> None:
        self._catalogue = catalogue
        self.brief = brief
        self._show = show
        self._history = frozenset(brief.history.ids)
        self._alone = replace(brief.kept, shares=())
        """The controls that an item keeps or breaks by itself."""
        self._explainer = Explainer(catalogue, brief) if brief.request.explain else None
        self.progress = Progress(brief.plan)
        self.lines: list[RecommendedItem] = []
        self.drafted: list[int] = []
        self.misspelled = 0
        self.asked: Prompt | None = None
        """What the model was asked for its lines, if it was."""

    @property
    def items(self) -> list[Item]:
        """The items of the list, in order."""
        return [line.item for line in self.lines]

    @property
    def rows(self) -> list[int]:
        """Their rows."""
        return self.progress.rows

    @property
    def kept(self) -> int:
        """How many drafted lines stand."""
        return sum(line.source is Source.LLM for line in self.lines)

    @property
    def rejected(self) -> int:
        """How many drafted lines could not stand."""
        return len(self.drafted) - self.kept

    def hear(self, spelled: Spelled) -> None:
        """A line of the engine's draft: it enters if it reads as its row does and may stand."""
        place = len(self.drafted)
        self.drafted.append(spelled.row)
        if not 0 <= spelled.row < self._catalogue.size:
            return
        if spelled.line is not None and misread(
            spelled.line, place, self._catalogue.spelling(spelled.row)
        ):
            self.misspelled += 1
        elif self._may_stand(spelled.row):
            self.progress.take(spelled.row)
            self._show(self._enter(spelled.row, Source.LLM))

    def fill(self, rows: Sequence[int], source: Source) -> None:
        """Rows that `select` has put into the open slots of this galley's progress."""
        for row in rows:
            line = self._enter(row, source)
            if self._sound(line.item):
                self._show(line)

    def _may_stand(self, row: int) -> bool:
        if self.progress.complete or not self.progress.may_take(row):
            return False
        return self._sound(self._catalogue.item(row))

    def _sound(self, item: Item) -> bool:
        """The validator's word on the item by itself: a fault of the plan is not shown either."""
        return not judge([item], 1, self._history, self._alone).violations

    def _enter(self, row: int, source: Source) -> RecommendedItem:
        item = self._catalogue.item(row)
        line = RecommendedItem(
            item=item,
            score=round(self.brief.found.prior.score(row), 4),
            source=source,
            reason=self._explainer.reason(row, item) if self._explainer else None,
        )
        self.lines.append(line)
        return line
