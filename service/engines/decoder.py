"""One decoding of one list: the loop in which the model chooses and the speller rules."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime_genai as genai

from service.domain import Sampling
from service.errors import EngineFailed
from service.ports import Decoding
from service.steering.choose import choose
from service.steering.speller import Speller

PREFIXES_KEPT: Final = 2
"""Prompts' constant beginnings whose computed state each decoder keeps."""


class Model:
    """The weights, shared by all decoders."""

    def __init__(self, folder: Path, threads: int, context: int) -> None:
        config = genai.Config(str(folder))
        # Threads that spin collapse when a core is shared.
        options = {
            "intra_op_num_threads": threads,
            "session.intra_op.allow_spinning": "0",
        }
        config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
        self._model = genai.Model(config)
        self.context = context

    def generator(self) -> Any:
        """A fresh state of the model, room for `context` tokens."""
        parameters = genai.GeneratorParams(self._model)
        parameters.set_search_options(max_length=self.context, do_sample=False)
        return genai.Generator(self._model, parameters)


class Decoder:
    """Decodes one list at a time, keeping the state of the prompts' constant beginnings.

    It always resumes from exactly such a beginning, never from whatever an earlier prompt happened
    to share: so the same request runs the same arithmetic, and gets the same list, every time.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._beginnings: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def decode(
        self,
        prompt: tuple[list[int], list[int]],
        speller: Speller,
        sampling: Sampling,
        keep_going: Callable[[], bool],
    ) -> Decoding:
        """Spell until the list is complete or there is no going on."""
        prefix, rest = prompt
        if len(prefix) + len(rest) >= self._model.context:
            message = f"the prompt does not fit into {self._model.context} tokens"
            raise EngineFailed(message)
        dice = np.random.default_rng(sampling.seed)
        block, passes, tokens = list(rest), 0, 0
        generator = None
        while True:
            forced = _push_forced(speller)
            tokens += len(forced)
            block += forced
            if speller.complete or not keep_going():
                break
            generator = generator or self._resume(tuple(prefix))
            if generator.token_count() + len(block) > self._model.context:
                break
            generator.append_tokens(np.array(block, dtype=np.int32))
            passes += 1
            block = [_choose(generator, speller, sampling, dice)]
            tokens += 1
        return Decoding(tuple(speller.rows), tokens, passes)

    def forget(self) -> None:
        """Drop every kept state, as after an error that may have damaged one."""
        self._beginnings.clear()

    def _resume(self, prefix: tuple[int, ...]) -> Any:
        """The model's state just after the constant beginning of a prompt."""
        generator = self._beginnings.pop(prefix, None)
        if generator is None:
            generator = self._model.generator()
            generator.append_tokens(np.array(prefix, dtype=np.int32))
        else:
            generator.rewind_to(len(prefix))
        self._beginnings[prefix] = generator
        while len(self._beginnings) > PREFIXES_KEPT:
            self._beginnings.popitem(last=False)
        return generator


def _push_forced(speller: Speller) -> list[int]:
    forced: list[int] = speller.forced.tolist()
    for token in forced:
        speller.push(token)
    return forced


def _choose(generator: Any, speller: Speller, sampling: Sampling, dice: np.random.Generator) -> int:
    choices = speller.choices
    if choices is None:
        message = "the speller offers nothing though the list is not complete"
        raise EngineFailed(message)
    token = choose(generator.get_logits()[0, -1], choices, sampling, dice)
    speller.push(token)
    return token
