"""One steered request in the engine: its speller, and how much of its list has been written.

It knows nothing of vLLM and its tensors: it is told which tokens were written and says which may
come next. It never raises: a request that cannot go on is ended, in a way that lets nothing free,
and those beside it in the batch are left in peace.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from typing import Final, TypeAlias

from service.engines.plugin.making import Making, Ready
from service.errors import BadCatalogue, BadParameters, BadSettings, SpellingError
from service.steering.speller import Choices, Speller

log: Final = logging.getLogger(__name__)

Offer: TypeAlias = int | Choices
"""What may come next: one token, or several with what the prior adds to each."""


class Steered:
    """Follows one request from its first token to its last, and past it."""

    def __init__(
        self, making: Making, vocabulary: int, escape: int, temperature: float = 0.0
    ) -> None:
        self.temperature = temperature
        """What its tokens are drawn at, once what is offered has been weighed."""
        self.read = 0
        """Tokens of the output that have been followed."""
        self.known: int | None = None
        """The next token, if the last offer left no choice: nobody has to ask which it became."""
        self._making = making
        self._vocabulary = vocabulary
        self._escape = escape
        self._ready: Ready | None = None
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

    def offer(self) -> Offer:
        """What may come next; after the end and after a fault, only what ends a text."""
        offer: Offer = self._escape
        if not self._broken:
            try:
                offer = self._next()
            except Exception as error:  # noqa: BLE001 - one request must not end the engine
                self.end(error)
        self.known = offer if isinstance(offer, int) else None
        return offer

    def rewind(self) -> None:
        """Begin again: the output is about to be read anew."""
        self.read = 0
        self.known = None
        self._speller = None

    def end(self, error: Exception) -> None:
        """Let the request write nothing more. The log says why, but nothing of what was asked."""
        if self._broken:
            return
        self._broken = True
        log.error("a steered request was ended: %s", _fact(error))

    def _begun(self) -> Speller:
        """The speller; this is where one that is still being made is waited for."""
        if self._speller is None:
            if self._ready is None:
                self._ready = self._making.wait()
                self._speller = self._ready.speller
            else:
                self._speller = self._ready.assignment.speller()
        return self._speller

    def _push(self, speller: Speller, token: int) -> None:
        if not speller.done:
            speller.push(token)
        elif token != speller.end:
            message = f"token {token} after the end of the list"
            raise SpellingError(message)

    def _next(self) -> Offer:
        speller = self._begun()
        if speller.done:
            return speller.end
        only = speller.only
        if only is not None:
            self._check(only, only)
            return only
        choices = speller.choices
        if choices is None:
            message = "a speller that is not done offers nothing"
            raise SpellingError(message)
        self._check(int(choices.tokens[0]), int(choices.tokens[-1]))
        return choices

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
