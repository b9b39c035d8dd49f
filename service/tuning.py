"""What was found out on validation data, and is kept beside the ranker it was found out with.

How much each part of the prior says, by what is known of a request; and, for each model, how good
its lists were by each strategy. Plain data: `models.tune` writes it, the pipeline reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from service.domain import Intent, Strategy

UNKNOWN: Final = "none"

LENGTHS: Final = ((0, UNKNOWN), (3, "1-3"), (10, "4-10"), (None, "11+"))
"""How long a history may be, at most, to be called so."""

NO_WISH: Final = Intent()

CLEAR: Final = 2.0
"""Standard errors by which one thing must be better than another to be taken for it.

Gains are mostly zero: with one error, a single lucky user would do.
"""


PRIOR_WEIGHT: Final = 10.0
"""How much the retrievers weigh against a model of which nothing was measured."""

MAX_WISH_WEIGHT: Final = 100.0
"""How many times as much as tuning found words may count."""


class Wording(StrEnum):
    """How a wish is put: what is typed into a search box names things, a sentence describes.

    A sentence that names a category says most by that; one that names none, by all of its words.
    Where there are no words, a control may still keep the list to some categories.
    """

    NONE = "none"
    INCLUDED = "category included"
    TEXT = "text"
    UNNAMED = "text without a category"
    QUERY = "query"

    @classmethod
    def of(cls, intent: Intent) -> Wording:
        """How this wish is put; where it is put both ways, what was searched for counts.

        Whether a sentence names a category, only the catalogue knows.
        """
        if intent.query.strip():
            return cls.QUERY
        if intent.text.strip():
            return cls.TEXT
        return cls.INCLUDED if intent.controls.include else cls.NONE

    @property
    def said(self) -> bool:
        """Whether there are words."""
        return self not in {Wording.NONE, Wording.INCLUDED}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before a list is made: how much of the user, and how the wish is put."""

    length: str
    words: Wording = Wording.NONE

    @classmethod
    def of(cls, history: int, intent: Intent = NO_WISH) -> Situation:
        """The situation of a history of so many items, and of a wish."""
        length = next(name for most, name in LENGTHS if most is None or history <= most)
        return cls(length, Wording.of(intent))

    @property
    def known(self) -> bool:
        """Whether there is a history."""
        return self.length != UNKNOWN

    def __str__(self) -> str:
        return self.length if self.words is Wording.NONE else f"{self.length}, {self.words}"


@dataclass(frozen=True, slots=True)
class Blend:
    """How much each part of the prior counts, by its name.

    A row's score, in nats, is the sum over the parts of `weights` times what the part says of it;
    where a part knows nothing of the row, its `unknown` stands instead, or nothing.
    """

    weights: Mapping[str, float]
    unknown: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """How good the lists of one model were on validation data, made by one strategy.

    Beside those that the retrievers alone made for the same requests.
    """

    model: str
    strategy: Strategy
    history: bool
    """Whether the users had one."""
    words: bool
    """Whether the requests had some."""
    prior_weight: float
    """The best of those tried, by which the figure was had."""
    ndcg: float
    requests: int
    """Of so many users, one each."""
    above: float = 0.0
    """How much better that is than what the retrievers alone made for the same requests."""
    error: float = 0.0
    """The standard error of `above`."""

    @property
    def alone(self) -> float:
        """What the retrievers alone came to, for the same requests."""
        return self.ndcg - self.above

    @property
    def clear(self) -> bool:
        """Whether it is better beyond what a few users happen to like."""
        return self.above > CLEAR * self.error


@dataclass(frozen=True, slots=True)
class Tuning:
    """All of it."""

    blends: Mapping[Situation, Blend] = field(default_factory=dict)
    measured: tuple[Measured, ...] = ()

    def of(self, model: str, strategy: Strategy, situation: Situation) -> Measured | None:
        """What was measured of a model's lists in such a situation, if anything was."""
        wanted = (model, strategy, situation.known, situation.words.said)
        for one in self.measured:
            if (one.model, one.strategy, one.history, one.words) == wanted:
                return one
        return None
