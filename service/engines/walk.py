"""The walk: what a steered server spelled, gone over again by a speller on this side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.engines.lines import Lines
from service.engines.sse import Event
from service.errors import EngineFailed, SpellingError
from service.ports import Spelled, Tell
from service.steering.speller import Speller

_HIGHEST: Final = 2**31 - 1


class Unsteered(EngineFailed):
    """The server spelled what the list may not hold: nothing steers it, or something else."""


class Walk:
    """Reads token ids through the speller, and the words of each line from the server's text."""

    def __init__(self, speller: Speller, k: int, server: str, tell: Tell) -> None:
        self._speller = speller
        self._k = k
        self._server = server
        self._lines = Lines(tell)
        self._text = ""

    @property
    def told(self) -> Sequence[Spelled]:
        """The lines that are complete."""
        return self._lines.told

    @property
    def complete(self) -> bool:
        """Whether every line is."""
        return len(self.told) == self._k

    def read(self, choice: Event) -> int:
        """Follow one event's tokens; Unsteered at the first that may not stand where it does."""
        tokens, text = self._tokens(choice), choice.get("text")
        if not isinstance(text, str):
            raise self._unfit()
        for token in tokens:
            self._push(token)
        self._text += text
        if "\n" in text:
            self._lines.update(self._speller.rows, self._text)
        return len(tokens)

    def end(self) -> str | None:
        """A server that stops too soon is one that nothing steers to the end."""
        return None if self.complete else f"the server at {self._server} ended the list too soon"

    def _push(self, token: int) -> None:
        try:
            self._speller.push(token)
        except SpellingError as error:
            message = f"the server at {self._server} is not steered as agreed: {error.message}"
            raise Unsteered(message) from error

    def _tokens(self, choice: Event) -> list[int]:
        tokens = choice.get("token_ids") or []
        if not isinstance(tokens, list) or not all(map(_is_token, tokens)):
            raise self._unfit()
        if choice.get("text") and "token_ids" not in choice:
            raise self._unfit()
        return tokens

    def _unfit(self) -> EngineFailed:
        return EngineFailed(
            f"the server at {self._server} does not send the ids of its tokens; is it a vLLM?"
        )


def _is_token(value: object) -> bool:
    return type(value) is int and 0 <= value <= _HIGHEST
