"""What the decoder asks of a model in the process, whichever runtime computes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from service.errors import EngineFailed
from service.steering.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """What some first tokens came to, to be resumed from: 46 kB for each with the small model."""

    length: int
    caches: Any
    """Keys and values, in the form of the runtime that computed them."""
    logits: FloatArray
    """What the model says may come after them."""


class State(Protocol):
    """What a model has read. Used in one thread at a time."""

    @property
    def length(self) -> int:
        """How many tokens."""
        ...

    @property
    def context(self) -> int:
        """How many there is room for."""
        ...

    def append(self, tokens: Sequence[int]) -> None:
        """Read tokens, in one pass; EngineFailed if they cannot be read."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def beginning(self) -> Beginning:
        """What has been read so far, to be resumed from later."""
        ...

    def resume(self, beginning: Beginning) -> None:
        """Have read just that, bit for bit, in place of whatever has been."""
        ...

    def logits(self) -> FloatArray:
        """What the model says may come after the last token."""
        ...


class Model(Protocol):
    """The weights, shared by all states."""

    @property
    def context(self) -> int:
        """Tokens that a state has room for."""
        ...

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        ...

    def state(self) -> State:
        """A state that has read nothing."""
        ...


def check_pass(model: Model, length: int, tokens: Sequence[int]) -> None:
    """EngineFailed unless a state of that length can read the tokens.

    No runtime looks: a token or a place outside its arrays would read elsewhere.
    """
    if not tokens or min(tokens) < 0 or max(tokens) >= model.vocabulary:
        message = "a pass over no tokens, or over some that the model does not have"
        raise EngineFailed(message)
    if length + len(tokens) > model.context:
        message = f"more than {model.context} tokens"
        raise EngineFailed(message)
