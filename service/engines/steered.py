"""One steered request in the engine: its speller, and how much of its list has been written.

It knows nothing of vLLM and its tensors: it is told which tokens were written and says which may
come next. It never raises: a request that cannot go on is ended, in a way that lets nothing free,
and those beside it in the batch are left in peace.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, TypeAlias

from service.errors import BadCatalogue, BadParameters, BadSettings, SpellingError
from service.steering.assignment import Assignment
from service.steering.speller import Choices, Speller

log: Final = logging.getLogger(__name__)

Look: TypeAlias = int | Choices
"""What may come next: one token, or several with what the prior adds to each."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An assignment with a speller that has not begun, both made beside the decoding."""

    assignment: Assignment
    speller: Speller

    @classmethod
    def of(cls, assignment: Assignment) -> Ready:
        """The costly part of a start: what may come first is counted here."""
        return cls(assignment, assignment.speller())


class Steered:
    """Follows one request from its first token to its last, and past it."""

    def __init__(self, making: Future[Ready], vocabulary: int, escape: int) -> None:
        self.read = 0
        """Tokens of the output that have been followed."""
        self.known: int | None = None
        """The next token, if the last look left no choice: nobody has to ask which it became."""
        self._making = making
        self._vocabulary = vocabulary
        self._escape = escape
        self._speller: Speller | None = None
        self._broken = False

    def follow(self, tokens: Sequence[int]) -> None:
        """Take note of the next tokens of the output."""
        self.read += len(tokens)
        if self._broken:
            return
        try:
            speller = self._begun()
            for token in tokens:
                self._push(speller, token)
        except Exception as error:  # noqa: BLE001 - one request must not end the engine
            self.end(error)

    def look(self) -> Look:
        """What may come next; after the end and after a fault, only what ends a text."""
        look: Look = self._escape
        if not self._broken:
            try:
                look = self._next()
            except Exception as error:  # noqa: BLE001 - one request must not end the engine
                self.end(error)
        self.known = look if isinstance(look, int) else None
        return look

    def rewind(self) -> None:
        """Begin again: the output is about to be read anew."""
        self.read = 0
        self.known = None
        if self._speller is not None and not self._broken:
            self._speller = self._making.result().assignment.speller()

    def end(self, error: Exception) -> None:
        """Let the request write nothing more. The log says why, but nothing of what was asked."""
        if self._broken:
            return
        self._broken = True
        log.error("a steered request was ended: %s", _fact(error))

    def _begun(self) -> Speller:
        """The speller; this is where one that is still being made is waited for."""
        if self._speller is None:
            self._speller = self._making.result().speller
        return self._speller

    def _push(self, speller: Speller, token: int) -> None:
        if not speller.done:
            speller.push(token)
        elif token != self._end():
            message = f"token {token} after the end of the list"
            raise SpellingError(message)

    def _next(self) -> Look:
        speller = self._begun()
        if speller.done:
            return self._end()
        look = speller.only
        if look is not None:
            self._check(look, look)
            return look
        choices = speller.choices
        if choices is None:
            message = "a speller that is not done offers nothing"
            raise SpellingError(message)
        self._check(int(choices.tokens[0]), int(choices.tokens[-1]))
        return choices

    def _end(self) -> int:
        return self._making.result().assignment.frame.end

    def _check(self, lowest: int, highest: int) -> None:
        # On a GPU an index out of bounds is the end of the whole engine.
        if lowest < 0 or highest >= self._vocabulary:
            message = f"tokens {lowest} to {highest} of a model that has {self._vocabulary}"
            raise SpellingError(message)


def _fact(error: BaseException) -> str:
    """What a log may hold: what happened and where, but no value that came with the request."""
    if isinstance(error, BadParameters):
        cause = f", {_fact(error.__cause__)}" if error.__cause__ else ""
        return f"{error.parameter} cannot be met{cause}"
    if isinstance(error, SpellingError | BadCatalogue | BadSettings):
        return f"{error}"
    places = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {places[-1].name if places else 'an unknown place'}"
