"""vLLM's V2 request state and sampler on a machine without a GPU; the model is dice.

Three edges are replaced, each the least there is: memory the device can see is not pinned (there
is no device to pin it for), staged writes are applied by a loop instead of a Triton kernel, and
the token is the argmax instead of a Triton sampler's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from vessel import PROMPT, VOCABULARY, Wish
from vllm import SamplingParams
from vllm.v1.worker.gpu import buffer_utils
from vllm.v1.worker.gpu.sample.logits_processor import build_custom_logits_processors
from vllm.v1.worker.gpu.sample.sampler import Sampler
from vllm.v1.worker.gpu.states import RequestState

CPU = torch.device("cpu")


def _apply_write(tensor: buffer_utils.StagedWriteTensor) -> None:
    start = 0
    for index, at, stop in zip(
        tensor._staged_write_indices,
        tensor._staged_write_starts,
        tensor._staged_write_cu_lens,
        strict=True,
    ):
        content = torch.tensor(tensor._staged_write_contents[start:stop], dtype=tensor.dtype)
        if tensor.gpu.dim() == 1:
            tensor.gpu[index] = content[0]
        else:
            tensor.gpu[index, at : at + len(content)] = content
        start = stop
    tensor.clear_staged_writes()


@contextmanager
def without_gpu() -> Iterator[None]:
    with (
        patch.object(buffer_utils, "is_uva_available", lambda: False),
        patch.object(buffer_utils.StagedWriteTensor, "apply_write", _apply_write),
    ):
        yield


@dataclass
class V2Runner:
    """Slots as the model runner fills them, rows in any order, tokens written back as it does."""

    config: Any
    names: Sequence[str] | None = None
    wishes: dict[str, Wish] = field(default_factory=dict)
    written: dict[str, list[int]] = field(default_factory=dict)
    params: dict[str, SamplingParams] = field(default_factory=dict)
    chunk: dict[str, int] = field(default_factory=dict)
    """How much of its prompt and earlier output a request has read, while that is not all."""

    def __post_init__(self) -> None:
        self.state = RequestState(16, 512, 512, 0, VOCABULARY, CPU)
        named = tuple(self.config.model_config.logits_processors or ())
        self.custom = build_custom_logits_processors(self.config, self.state, False, named)
        self.sampler = Sampler(
            self.config, 16, VOCABULARY, CPU, self.state, custom_logits_processors=self.custom
        )

    def add(self, wish: Wish, params: SamplingParams | None = None) -> None:
        self.wishes[wish.name] = wish
        self.written[wish.name] = []
        self.params[wish.name] = params or wish.params()
        self.enter(wish.name)

    def enter(self, name: str) -> None:
        """A request comes, or comes again with what it had written."""
        tokens = [*PROMPT, *self.written[name]]
        self.state.add_request(name, len(PROMPT), tokens, 0, 200)
        self.sampler.add_request(self.state.req_id_to_index[name], self.params[name])
        self.state.apply_staged_writes()
        self.sampler.apply_staged_writes()

    def preempt(self, name: str) -> None:
        self.state.remove_request(name)

    def finish(self, name: str) -> list[int]:
        self.preempt(name)
        return self.written.pop(name)

    def step(self, scheduled: Sequence[str], *, reading: Sequence[str] = ()) -> torch.Tensor:
        """One step in the order given; who is reading has read all but the last token so far."""
        slots = np.array([self.state.req_id_to_index[name] for name in scheduled], dtype=np.int32)
        lengths = [len(PROMPT) + len(self.written[name]) - (name in reading) for name in scheduled]
        logits = self._sample(scheduled, slots, np.array(lengths, dtype=np.int32))
        for place, name in enumerate(scheduled):
            if name not in reading:
                self._note(name, int(logits[place].argmax()))
        return logits

    def run(self, names: Sequence[str], steps: int = 200) -> None:
        """Step until each has written its end."""
        for _ in range(steps):
            due = [name for name in names if 2 not in self.written[name]]
            if not due:
                return
            self.step(due)
        raise AssertionError(f"no end: {due}")

    def _sample(
        self, scheduled: Sequence[str], slots: np.ndarray, lengths: np.ndarray
    ) -> torch.Tensor:
        says = [self.wishes[name].logits(len(self.written[name])) for name in scheduled]
        mapping = torch.from_numpy(slots)
        positions = torch.from_numpy(lengths.astype(np.int64) - 1)
        fed = self.state.all_token_ids.gpu[mapping.long(), positions]
        return self.sampler.apply_sampling_params(
            torch.from_numpy(np.stack(says)),
            mapping,
            mapping,
            slots,
            positions,
            fed,
            torch.zeros(len(slots), dtype=torch.int32),
            lengths,
        )

    def _note(self, name: str, token: int) -> None:
        slot = self.state.req_id_to_index[name]
        self.state.all_token_ids.gpu[slot, len(PROMPT) + len(self.written[name])] = token
        self.written[name].append(token)
        self.state.total_len.gpu[slot] += 1
