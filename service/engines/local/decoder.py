"""One decoding of one list or text: the loops in which the model chooses, and what rules it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from service.domain import Sampling
from service.engines.local.kept import KeptPrompts
from service.engines.local.model import Beginning, Model, State
from service.engines.text.prose import CUT
from service.errors import EngineFailed, PromptTooLong
from service.ports import Page
from service.steering.arrays import FloatArray, IntArray
from service.steering.choose import choose
from service.steering.speller import Choices, Speller

PREFIXES_KEPT: Final = 12
"""Prompts' constant beginnings that each decoder keeps as computed: one for each kind of prompt,
and some megabytes each."""

LONGEST_PASS: Final = 128
"""Tokens; a longer prompt is read in several passes, so that the deadline can act between."""

LATE: Final = "the deadline came"


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt, and how much must fit into the model's context after it."""

    prefix: list[int]
    """Its constant beginning."""
    rest: list[int]
    room: int
    """In tokens."""


@dataclass(frozen=True, slots=True)
class Script:
    """What free text consists of."""

    writable: IntArray
    """Its tokens, sorted, and the one that ends it."""
    end: int


@dataclass(slots=True)
class Decoded:
    """What a decode has come to."""

    tokens: list[int] = field(default_factory=list)
    passes: int = 0
    forwarded: int = 0
    """Tokens that went through the model, a prompt's own among them."""
    prompt: int = 0
    forced: int = 0
    """Of the tokens, how many the model had no choice about."""
    stopped: str | None = None
    began: float = field(default_factory=time.perf_counter)
    to_first: float | None = None

    def chosen(self) -> None:
        """The model is about to choose; the first time is noted."""
        if self.to_first is None:
            self.to_first = time.perf_counter() - self.began


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of a list while it is decoded."""

    progress: Callable[[list[int]], None] = lambda _tokens: None
    """Of all tokens so far, whenever none is forced any more."""
    liked: Callable[[int], None] = lambda _token: None
    """Before each choice, of the token that the model likes best, whether it may stand or not."""


class Decoder:
    """Decodes one thing at a time, keeping the constant beginnings of prompts as computed.

    It always resumes from exactly such a beginning, never from whatever an earlier prompt happened
    to share: so the same request runs the same arithmetic, and gets the same, every time.
    """

    def __init__(self, model: Model, script: Script, kept: KeptPrompts) -> None:
        self._model = model
        self._kept = kept
        self._end = script.end
        self._free = _free(script.writable)
        # A text that ended before it began would be none.
        self._first = _free(script.writable[script.writable != script.end])
        self._state: State | None = None
        self._beginnings: OrderedDict[tuple[int, ...], Beginning] = OrderedDict()

    def decode(
        self,
        prompt: Prompted,
        speller: Speller,
        sampling: Sampling,
        keep_going: Callable[[], bool],
        told: Told = Told(),
    ) -> Decoded:
        """Spell until the list is complete or there is no going on."""
        reading = self._begin(prompt, keep_going)
        decoded, dice = reading.decoded, np.random.default_rng(sampling.seed)
        block: list[int] = []
        while True:
            forced = _push_forced(speller)
            decoded.tokens += forced
            decoded.forced += len(forced)
            told.progress(decoded.tokens)
            if speller.complete:
                return decoded
            state = reading.read(block + forced)
            if state is None:
                return decoded
            logits = state.logits()
            told.liked(int(np.argmax(logits)))
            block = [_choose(logits, speller, sampling, dice)]
            decoded.tokens += block

    def write(
        self,
        prompt: Prompted,
        page: Page,
        keep_going: Callable[[], bool],
        enough: Callable[[list[int]], bool],
    ) -> Decoded:
        """Write until the model ends the text, it is enough, or there is no going on."""
        reading = self._begin(prompt, keep_going)
        decoded, dice = reading.decoded, np.random.default_rng(page.sampling.seed)
        block: list[int] = []
        while len(decoded.tokens) < page.tokens:
            state = reading.read(block)
            if state is None:
                return decoded
            choices = self._free if decoded.tokens else self._first
            block = [choose(state.logits(), choices, page.sampling, dice)]
            if block[0] == self._end:
                return decoded
            decoded.tokens += block
            if enough(decoded.tokens):
                return decoded
        decoded.stopped = CUT
        return decoded

    def weigh(
        self, prompt: Prompted, tokens: Sequence[int], keep_going: Callable[[], bool]
    ) -> tuple[FloatArray | None, Decoded]:
        """What the model gives each of some tokens right after the prompt.

        None if there was no going on before it was read.
        """
        reading = self._begin(prompt, keep_going)
        state = reading.read([])
        return None if state is None else state.logits()[list(tokens)], reading.decoded

    def _begin(self, prompt: Prompted, keep_going: Callable[[], bool]) -> _Reading:
        if len(prompt.prefix) + len(prompt.rest) + prompt.room > self._model.context:
            message = f"the prompt does not fit into {self._model.context} tokens"
            raise PromptTooLong(message)
        return _Reading(self, tuple(prompt.prefix), list(prompt.rest), keep_going)

    def forget(self) -> None:
        """Drop all that was computed, as after an error that may have damaged it."""
        self._state = None
        self._beginnings.clear()
        self._kept.clear()

    def recall(self, prefix: tuple[int, ...], rest: tuple[int, ...]) -> State | None:
        """The model's state after a whole prompt that was read before."""
        found = self._kept.get((prefix, rest))
        if found is None:
            return None
        self._state = self._state or self._model.state()
        self._state.resume(found)
        return self._state

    def keep(self, prefix: tuple[int, ...], rest: tuple[int, ...], state: State) -> None:
        """Remember a whole prompt, just read."""
        if self._kept.takes((prefix, rest)):
            self._kept.put((prefix, rest), state.beginning())

    def resume(self, prefix: tuple[int, ...]) -> State:
        """The model's state just after the constant beginning of a prompt."""
        self._state = state = self._state or self._model.state()
        beginning = self._beginnings.pop(prefix, None)
        if beginning is None:
            state.clear()
            state.append(prefix)
            beginning = state.beginning()
        else:
            state.resume(beginning)
        self._beginnings[prefix] = beginning
        while len(self._beginnings) > PREFIXES_KEPT:
            self._beginnings.popitem(last=False)
        return state


class _Reading:
    """A prompt that is read when the model is first asked, and then what it wrote itself."""

    def __init__(
        self,
        decoder: Decoder,
        prefix: tuple[int, ...],
        rest: list[int],
        keep_going: Callable[[], bool],
    ) -> None:
        self.decoded = Decoded(prompt=len(prefix) + len(rest))
        self._decoder = decoder
        self._prefix = prefix
        self._rest = rest
        self._keep_going = keep_going
        self._state: State | None = None

    def read(self, block: list[int]) -> State | None:
        """The state after what is new; None where it must stop before."""
        if self._state is None:
            self.decoded.stopped = self._begin((*self._rest, *block))
        else:
            self.decoded.stopped = self._read(self._state, block)
        return None if self.decoded.stopped else self._state

    def _begin(self, rest: tuple[int, ...]) -> str | None:
        """Read the prompt, unless that was done before: that says nothing of how long it takes."""
        if not self._keep_going():
            return LATE
        self._state = self._decoder.recall(self._prefix, rest)
        if self._state is not None:
            return None
        self._state = state = self._decoder.resume(self._prefix)
        if stopped := self._read(state, rest):
            return stopped
        self._decoder.keep(self._prefix, rest, state)
        self.decoded.chosen()
        return None

    def _read(self, state: State, unread: Sequence[int]) -> str | None:
        if state.length + len(unread) > state.context:
            return "the model's context was full"
        for part in _parts(unread):
            if not self._keep_going():
                return LATE
            state.append(part)
            self.decoded.passes += 1
            self.decoded.forwarded += len(part)
        return None


def _parts(block: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(block), LONGEST_PASS):
        yield block[start : start + LONGEST_PASS]


def _push_forced(speller: Speller) -> list[int]:
    forced: list[int] = speller.forced.tolist()
    for token in forced:
        speller.push(token)
    return forced


def _choose(
    logits: FloatArray, speller: Speller, sampling: Sampling, dice: np.random.Generator
) -> int:
    choices = speller.choices
    if choices is None:
        message = "the speller offers nothing though the list is not complete"
        raise EngineFailed(message)
    token = choose(logits, choices, sampling, dice)
    speller.push(token)
    return token


def _free(tokens: IntArray) -> Choices:
    return Choices(tokens, np.zeros(len(tokens)))
