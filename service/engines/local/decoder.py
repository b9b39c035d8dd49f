"""One decoding of one list: the loop in which the model chooses and the speller rules."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from service.domain import Sampling
from service.engines.local.runtime import Model, State
from service.errors import EngineFailed
from service.steering.choose import choose
from service.steering.speller import Speller

PREFIXES_KEPT: Final = 2
"""Prompts' constant beginnings whose computed state each decoder keeps."""

LONGEST_PASS: Final = 128
"""Tokens; a longer prompt is read in several passes, so that the deadline can act between."""


@dataclass(slots=True)
class Written:
    """What a decode has come to."""

    tokens: list[int] = field(default_factory=list)
    passes: int = 0
    stopped: str | None = None
    began: float = field(default_factory=time.perf_counter)
    to_first: float | None = None

    def chosen(self) -> None:
        """The model is about to choose; the first time is noted."""
        if self.to_first is None:
            self.to_first = time.perf_counter() - self.began


class Decoder:
    """Decodes one list at a time, keeping the state of the prompts' constant beginnings.

    It always resumes from exactly such a beginning, never from whatever an earlier prompt happened
    to share: so the same request runs the same arithmetic, and gets the same list, every time.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._beginnings: OrderedDict[tuple[int, ...], State] = OrderedDict()

    def decode(
        self,
        prompt: tuple[list[int], list[int]],
        speller: Speller,
        sampling: Sampling,
        keep_going: Callable[[], bool],
        progress: Callable[[list[int]], None] = lambda _tokens: None,
    ) -> Written:
        """Spell until the list is complete or there is no going on.

        `progress` hears of all tokens so far whenever none is forced any more.
        """
        prefix, rest = prompt
        if len(prefix) + len(rest) >= self._model.context:
            message = f"the prompt does not fit into {self._model.context} tokens"
            raise EngineFailed(message)
        dice = np.random.default_rng(sampling.seed)
        written, block, state = Written(), list(rest), None
        while True:
            forced = _push_forced(speller)
            written.tokens += forced
            block += forced
            progress(written.tokens)
            if speller.complete:
                return written
            if not keep_going():
                written.stopped = "the deadline came"
                return written
            state = state or self._resume(tuple(prefix))
            if state.length + len(block) > self._model.context:
                written.stopped = "the model's context was full"
                return written
            for part in _parts(block):
                if not keep_going():
                    written.stopped = "the deadline came"
                    return written
                state.append(part)
                written.passes += 1
            written.chosen()
            block = [_choose(state, speller, sampling, dice)]
            written.tokens += block

    def forget(self) -> None:
        """Drop every kept state, as after an error that may have damaged one."""
        self._beginnings.clear()

    def _resume(self, prefix: tuple[int, ...]) -> State:
        """The model's state just after the constant beginning of a prompt."""
        state = self._beginnings.pop(prefix, None)
        if state is None:
            state = self._model.state()
            state.append(prefix)
        else:
            state.rewind(len(prefix))
        self._beginnings[prefix] = state
        while len(self._beginnings) > PREFIXES_KEPT:
            self._beginnings.popitem(last=False)
        return state


def _parts(block: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(block), LONGEST_PASS):
        yield block[start : start + LONGEST_PASS]


def _push_forced(speller: Speller) -> list[int]:
    forced: list[int] = speller.forced.tolist()
    for token in forced:
        speller.push(token)
    return forced


def _choose(state: State, speller: Speller, sampling: Sampling, dice: np.random.Generator) -> int:
    choices = speller.choices
    if choices is None:
        message = "the speller offers nothing though the list is not complete"
        raise EngineFailed(message)
    token = choose(state.logits(), choices, sampling, dice)
    speller.push(token)
    return token
