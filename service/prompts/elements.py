"""Elements: the named sentences that a task's prompt is made of, each of which can be left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from service.prompts.role import RULE_OF_DATA
from service.question import Question

KNOWLEDGE: Final = "Use what you already know of products and of those who buy them."


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is put to this engine this time."""

    numbers: bool = False
    """For servers that nothing steers: options under numbers, which the answer names as JSON."""
    without: Collection[str] = ()
    share: float = 1.0
    """Of what is usually shown of the data."""


Opening = Callable[[Question, Manner], str]
"""Says in which form the answer is wanted; the prompt's last line."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a task's prompt is made of."""

    version: str
    system: Mapping[str, str]
    """Constant sentences by the element's name, in the order in which they stand."""
    opening: Opening
    elsewhere: tuple[str, ...] = ()
    """Elements that change the user's part instead."""

    @property
    def elements(self) -> tuple[str, ...]:
        """The names of all elements."""
        return (*self.system, *self.elsewhere)

    def instruction(self, without: Collection[str], *, options: bool) -> str:
        """The constant part of the prompt: the same for all questions, so engines keep it.

        Only where there are options something always stands between fences. There is an
        instruction even if nothing of it is kept, since some servers refuse an empty one.
        """
        kept = [text for name, text in self.system.items() if name not in without]
        return " ".join([*kept, RULE_OF_DATA] if options or not kept else kept)

    def version_in(self, manner: Manner) -> str:
        """The version, with what is not as usual."""
        out = sorted(f"-{name}" for name in set(self.elements) & set(manner.without))
        less = f"x{manner.share:g}" if manner.share < 1 else ""
        return " ".join(filter(None, [self.version, less, "+numbers" * manner.numbers, *out]))


def choice_opening(labels: str, numbers: str, manner: Manner) -> str:
    """The opening where options are named: by their labels, or as JSON by their numbers."""
    if manner.numbers:
        return f'Answer as JSON alone, {{"numbers": [...]}}, with {numbers}:'
    return f"Answer ({labels}):"
