"""The plugin under vLLM's V1 model runner: requests are known by their place in the batch.

vLLM says which requests came, went and moved before each step, and hands over each one's list of
output tokens, which it keeps up to date: so a request that was preempted comes again with what it
had written, and is followed from its first token.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import BatchUpdate
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

from service.engines.plugin.makers import Makers
from service.engines.plugin.mask import mask
from service.engines.plugin.steered import Offer, Steered


@dataclass(frozen=True, slots=True)
class _Request:
    """A steered request and the list to which vLLM adds its tokens."""

    steered: Steered
    output: list[int]

    def offer(self) -> Offer:
        if len(self.output) < self.steered.read:
            # vLLM takes tokens back when their cache could not be loaded.
            self.steered.rewind()
        self.steered.follow(self.output[self.steered.read :])
        return self.steered.offer()


class V1Batch:
    """The steered requests of the batch, by their place."""

    def __init__(self, makers: Makers) -> None:
        self._makers = makers
        self._requests: dict[int, _Request] = {}

    def update(self, batch_update: BatchUpdate | None) -> None:
        """Requests came, went or moved. One that went is dropped, which cancels its making."""
        process_dict_updates(self._requests, batch_update, self._enter)

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Leave to each steered request only what it may write next."""
        if self._requests:
            mask(
                logits,
                list(self._requests),
                [each.offer() for each in self._requests.values()],
                [each.steered.temperature for each in self._requests.values()],
            )
        return logits

    def _enter(
        self, params: SamplingParams, _prompt: list[int] | None, output: list[int]
    ) -> _Request | None:
        steered = self._makers.admit(params)
        return _Request(steered, output) if steered else None
