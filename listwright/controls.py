"""Controls as one would say them: `at_most("Gifts", 0.3)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Share:
    """A bound on how much of the list one category takes, as a part of it from 0 to 1."""

    category: str
    op: Literal["<=", ">=", "~"]
    share: float

    def as_json(self) -> dict[str, object]:
        """As the API takes it."""
        return {"category": self.category, "op": self.op, "share": self.share}


def at_most(category: str, share: float) -> Share:
    """No more of the list than this part."""
    return Share(category, "<=", share)


def at_least(category: str, share: float) -> Share:
    """No less of the list than this part."""
    return Share(category, ">=", share)


def about(category: str, share: float) -> Share:
    """This part of the list, after rounding to whole items."""
    return Share(category, "~", share)
