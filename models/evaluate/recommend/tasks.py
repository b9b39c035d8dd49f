"""The tasks: what is asked for each user, who then met the target.

Every case becomes one request a task. Dice are thrown for each case and task by themselves, so a
request is the same whichever other users and tasks are asked about. What a request draws from its
target is said below for each task; where nothing is said, nothing is.

A case for which a task has no request (a target without categories has none to be included) is
left out of that task, and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

import numpy as np

from models.data.split import Case
from models.data.wishes import AIMLESS_TESTED, TESTED, aimless, described, said, wishes_of
from models.evaluate.recommend.ground import Ground
from service.domain import Controls, Intent, Op, RecommendRequest, Share

T = TypeVar("T")

SHORT: Final = 3
"""Items of a history that is called short."""

MANY: Final = 100
MANY_SHARE: Final = 0.1
"""At least so many users with short histories, and such a share of all, tell enough by themselves.
"""


class Task(StrEnum):
    """What is asked for, by its name on the command line and in tables."""

    SEQUENTIAL = "sequential"
    SHORTENED = "shortened"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    AT_MOST = "at-most"
    AT_LEAST = "at-least"
    ABOUT = "about"
    WISH = "wish"
    OTHER_WORDS = "other-words"
    DESCRIBED = "described"
    NEWCOMER = "newcomer"
    AIMLESS = "aimless"
    TITLE = "title"

    @property
    def controlled(self) -> bool:
        """Whether the request has a control."""
        return self in {Task.INCLUDE, Task.EXCLUDE} or self.bounded

    @property
    def bounded(self) -> bool:
        """Whether the control is a share."""
        return self in {Task.AT_MOST, Task.AT_LEAST, Task.ABOUT}

    @property
    def words(self) -> bool:
        """Whether the request has words."""
        return self in {
            Task.WISH,
            Task.OTHER_WORDS,
            Task.DESCRIBED,
            Task.NEWCOMER,
            Task.AIMLESS,
            Task.TITLE,
        }


TITLES: Final[Mapping[Task, str]] = {
    Task.SEQUENTIAL: "Sequential: what is met next",
    Task.SHORTENED: "Sequential, of the same users only the last 1 to 3 items known",
    Task.INCLUDE: "Include one category",
    Task.EXCLUDE: "Exclude one category",
    Task.AT_MOST: "Share of a category <=",
    Task.AT_LEAST: "Share of a category >=",
    Task.ABOUT: "Share of a category ~",
    Task.WISH: "Search: a sentence that names categories",
    Task.OTHER_WORDS: "Search: a sentence that means a category in other words",
    Task.DESCRIBED: "Search: a sentence with words of the title",
    Task.NEWCOMER: "Search: the same of users of whom nothing is known",
    Task.AIMLESS: "Search: a sentence that tells nothing of what is wanted",
    Task.TITLE: "Search: words of the title",
}


@dataclass(frozen=True, slots=True)
class Posed:
    """One request, and what was met after it."""

    task: Task
    user: str
    request: RecommendRequest
    target: str
    rare: bool
    """Whether the target was met fewer than five times in what was learnt from."""

    @property
    def digest(self) -> str:
        """The same for the same request; what the target is makes no difference to a list."""
        asked = repr((self.task.value, self.user, self.request))
        return hashlib.sha256(asked.encode()).hexdigest()[:24]


Maker: TypeAlias = Callable[[Ground, Case, np.random.Generator], RecommendRequest | None]


def dice_of(seed: int, task: str, user: str) -> np.random.Generator:
    """The dice of one case and task."""
    name = f"{seed}/{task}/{user}".encode()
    return np.random.default_rng([*hashlib.sha256(name).digest()])


def posed(ground: Ground, task: Task, cases: Sequence[Case], seed: int) -> tuple[Posed, ...]:
    """The requests of a task, in the order of the cases that have one."""
    return tuple(_posed(ground, task, cases, seed))


def _posed(ground: Ground, task: Task, cases: Sequence[Case], seed: int) -> Iterator[Posed]:
    for case in cases:
        user = ground.dataset.users[case.user]
        request = MAKERS[task](ground, case, dice_of(seed, task, user))
        if request is not None:
            target = ground.dataset.ids[case.target]
            yield Posed(task, user, request, target, ground.rare(case.target))


def tasks_of(cases: Sequence[Case]) -> tuple[Task, ...]:
    """The tasks of users: histories are shortened unless many are short by themselves."""
    short = sum(len(case.history) <= SHORT for case in cases)
    many = short >= max(MANY, MANY_SHARE * len(cases))
    return tuple(task for task in Task if task is not Task.SHORTENED or not many)


def lacking(ground: Ground, task: Task) -> str:
    """Why none of the users has a request of a task."""
    categories = any(item.categories for item in ground.dataset.source.items)
    if task is Task.OTHER_WORDS and categories and not ground.meanings:
        return f"{task}: no category is known by other words"
    if (task.controlled or task in {Task.WISH, Task.OTHER_WORDS}) and not categories:
        return f"{task}: the items have no categories"
    return f"{task}: no user has such a request with a list of {ground.k}"


def _sequential(ground: Ground, case: Case, _dice: np.random.Generator) -> RecommendRequest | None:
    """The history and nothing else."""
    return ground.request(case.history)


def _shortened(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """As if no more were known of the user than the last 1 to 3 items.

    Earlier ones are unknown to the service, so a list may hold them; that costs all rows alike.
    """
    return ground.request(case.history[-int(dice.integers(1, SHORT + 1)) :])


def _include(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """One category of the target, so that a hit stays possible."""
    of_target = _shuffled(ground.item(case.target).categories, dice)
    return _first(ground, case, (Controls(include=(category,)) for category in of_target))


def _exclude(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """A category of the history, the more frequent the likelier, that the target has not.

    One of the whole catalogue where the history has no such category.
    """
    kept = frozenset(ground.item(case.target).categories)
    drawn = (category for category in _drawn(ground, case, dice) if category not in kept)
    return _first(ground, case, (Controls(exclude=(category,)) for category in drawn))


def _share(op: Op) -> Maker:
    def made(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
        """A category of the history, the more frequent the likelier, and 10% to 90% in tenths.

        The first drawn that some list can obey in which the target stands: the target is put into
        an empty list, and the plan must still find items for the other places.
        """
        drawn = (
            Controls(shares=(Share(category, op, tenths / 10),))
            for category in _drawn(ground, case, dice)
            for tenths in _shuffled(range(1, 10), dice)
        )
        return _first(ground, case, drawn)

    return made


def _wish(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """A sentence that names one or two of the target's categories."""
    return _with_words(ground, case, wishes_of(ground.item(case.target), dice, TESTED))


def _other_words(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """What one of the target's categories means, without its name."""
    of_target = ground.item(case.target).categories
    known = [ground.meanings[name] for name in of_target if name in ground.meanings]
    if not known:
        return None
    return _with_words(ground, case, said(TESTED, dice, _shuffled(known, dice)[0]))


def _described(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """A sentence with up to three words of the target's title, as they come."""
    return _with_words(ground, case, described(ground.item(case.target), dice, TESTED))


def _newcomer(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """The same, as if the user had met nothing yet."""
    return _described(ground, replace(case, history=case.history[:0]), dice)


def _aimless(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """A sentence that tells nothing: a list should be as good as without it."""
    return _with_words(ground, case, aimless(dice, AIMLESS_TESTED))


def _title(ground: Ground, case: Case, dice: np.random.Generator) -> RecommendRequest | None:
    """One or two words of the target's title that few titles have."""
    return _with_words(ground, case, ground.rarity.query_of(ground.item(case.target), dice))


def _with_words(ground: Ground, case: Case, intent: Intent | None) -> RecommendRequest | None:
    request = ground.request(case.history)
    return None if request is None or intent is None else replace(request, intent=intent)


def _first(ground: Ground, case: Case, drawn: Iterator[Controls]) -> RecommendRequest | None:
    """The request under the first controls that a list with the target can obey."""
    for controls in drawn:
        request = ground.request(case.history, controls, case.target)
        if request is not None:
            return request
    return None


def _drawn(ground: Ground, case: Case, dice: np.random.Generator) -> Iterator[str]:
    """Categories without replacement, those of the history first, by how often they are there."""
    seen = ground.categories_of(case.history)
    weights = np.array(list(seen.values()), dtype=np.float64)
    # The soonest of clocks that ring by their weights: as drawing one after another would.
    order = np.argsort(dice.exponential(size=len(seen)) / weights)
    yield from np.array(list(seen), dtype=object)[order]
    others = [category for category in ground.catalogue.categories if category not in seen]
    yield from _shuffled(others, dice)


def _shuffled(values: Sequence[T], dice: np.random.Generator) -> list[T]:
    return [values[place] for place in dice.permutation(len(values)).tolist()]


MAKERS: Final[Mapping[Task, Maker]] = {
    Task.SEQUENTIAL: _sequential,
    Task.SHORTENED: _shortened,
    Task.INCLUDE: _include,
    Task.EXCLUDE: _exclude,
    Task.AT_MOST: _share(Op.AT_MOST),
    Task.AT_LEAST: _share(Op.AT_LEAST),
    Task.ABOUT: _share(Op.ABOUT),
    Task.WISH: _wish,
    Task.OTHER_WORDS: _other_words,
    Task.DESCRIBED: _described,
    Task.NEWCOMER: _newcomer,
    Task.AIMLESS: _aimless,
    Task.TITLE: _title,
}
