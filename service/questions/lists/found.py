"""What was found in a text that looks like a list of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.question import Option

_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A list of options, and the text before and behind it."""

    options: tuple[Option, ...]
    before: str
    after: str
    lists: int = 1
    """How many lists there were to choose from."""
    headed_otherwise: bool = False
    """Whether it is headed as rules or as a text, and so may be no list of options at all."""
    headed: bool = False
    """Whether it is headed as a list: `Options:`."""
    closed: bool = False
    """Whether nothing but an `Answer:` follows, and it begins with 0 or A as options do."""
    gapped: bool = False
    """Whether its labels skip numbers from the start, and so it may be no list at all."""
    numbered: bool = True
    """Whether the asker numbered it; else its options are numbered from 1."""
    broken: str = ""
    """Where its numbering cannot be followed."""
    notes: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it has one option only, and so may be no list at all."""
        return len(self.options) < _PAIR

    @property
    def doubtful(self) -> bool:
        """Whether it is a list of options only where somebody speaks of choosing."""
        return self.alone or self.headed_otherwise or self.gapped or not self.numbered

    @property
    def spoken(self) -> str:
        """How a note speaks of it."""
        return f"list numbered {names(self.options)}" if self.numbered else "unnumbered list"


def names(options: Sequence[Option]) -> str:
    """The labels as they are spoken of: "1 to 5", "A"."""
    first, last = options[0].label, options[-1].label
    return first if len(options) == 1 else f"{first} to {last}"
