"""The walk: what a steered server spelled, gone over again by a speller on this side."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from service.engines.remote.favourites import favourites
from service.engines.remote.sse import Event
from service.engines.text.lines import Lines
from service.errors import EngineFailed, SpellingError
from service.ports import Spelled
from service.steering.speller import Speller
from service.steering.wanted import Wanted, Wishes

STRIDE: Final = 64
"""Tokens that are walked at the latest, though no line has ended."""

_HIGHEST: Final = 2**31 - 1


class Unsteered(EngineFailed):
    """The server spelled what the list may not hold: nothing steers it, or something else."""


class Walk:
    """Reads token ids through the speller, and the words of each line from the server's text.

    A step can take as long as all rows take to be gone through, so a line is walked as one.
    """

    def __init__(self, speller: Speller, separator: str, wishes: Wishes) -> None:
        """`wishes`: of the same speller; they stay empty where the server tells of none."""
        self._speller = speller
        self._wishes = wishes
        self._separator = separator
        self._made: list[Spelled] = []
        self._lines = Lines(self._made.append, separator)
        self._ahead: deque[tuple[int, int | None]] = deque()
        """Tokens, each with the one that the model liked best in its place."""
        self._text = ""
        self._ended = False
        self._forced = 0

    @property
    def lines(self) -> Sequence[Spelled]:
        """The lines that are complete."""
        return self._made

    @property
    def wanted(self) -> Mapping[Wanted, int]:
        """What the model wanted so far."""
        return self._wishes.counts

    @property
    def forced(self) -> int:
        """How many tokens so far left the model no choice."""
        return self._forced

    @property
    def complete(self) -> bool:
        """Whether nothing but the end may come."""
        return self._speller.complete and len(self._made) == len(self._speller.rows)

    @property
    def due(self) -> bool:
        """Whether a line has ended, or should have long ago."""
        return self._ended or len(self._ahead) >= STRIDE

    def hear(self, choice: Event) -> int:
        """Note one event's tokens and text."""
        tokens, text = _tokens(choice), choice.get("text")
        if not isinstance(text, str):
            raise _unfit()
        liked = favourites(choice.get("logprobs"), len(tokens))
        self._ahead.extend(zip(tokens, liked, strict=True))
        self._text += text
        # What ends a line may have begun in the event before.
        new = self._text[-(len(text) + len(self._separator) - 1) :] if text else ""
        self._ended = self._ended or self._separator in new
        return len(tokens)

    def work(self) -> None:
        """Follow what was noted; Unsteered at the first token that may not stand where it does."""
        self._ended = False
        try:
            while self._ahead:
                self._step(*self._ahead.popleft())
        except SpellingError as error:
            message = f"the model's server is not steered as agreed: {error.message}"
            raise Unsteered(message) from error
        finally:
            self._lines.update(self._speller.rows, self._text)

    def _step(self, token: int, liked: int | None) -> None:
        if liked is not None:
            self._wishes.note(liked)
        self._forced += self._speller.only is not None
        self._speller.push(token)

    def end(self, *, cut: bool) -> str | None:
        """Why there is no more. EngineFailed where a server that was steered would go on."""
        self.work()
        if self.complete:
            return None
        if not cut:
            raise EngineFailed("the server ended the list too soon")
        # As many tokens as the longest list has were asked for, unless they did not fit.
        return "the model's context was full"


def _tokens(choice: Event) -> list[int]:
    tokens = choice.get("token_ids") or []
    if not isinstance(tokens, list) or not all(map(_is_token, tokens)):
        raise _unfit()
    if choice.get("text") and "token_ids" not in choice:
        raise _unfit()
    return tokens


def _unfit() -> EngineFailed:
    return EngineFailed("the model's server does not send the ids of its tokens; is it a vLLM?")


def _is_token(value: object) -> bool:
    return type(value) is int and 0 <= value <= _HIGHEST
