"""The plugin under vLLM's Model Runner V2: requests are known by their slot.

A slot is filled by `add_request`, always anew: a preempted request comes again in whatever slot is
free, and what it had written is read back from the token history on the device. Otherwise the
token written last is the one fed to the model in this step; it is asked for, which waits for the
device, only where there had been a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from vllm import SamplingParams
from vllm.v1.worker.gpu.sample.logits_processor import LogitsContext, LogitsProcRequestState

from service.engines.plugin.makers import Makers
from service.engines.plugin.mask import mask
from service.engines.plugin.steered import Steered
from service.errors import BadSettings

NO_DRAFTS: Final = "lists cannot be steered with speculative decoding: start the server without it"


@dataclass(frozen=True, slots=True)
class _Due:
    """A row of logits from which a steered request gets its next token."""

    row: int
    slot: int
    steered: Steered
    written: int
    """Tokens of its output so far."""

    @property
    def missing(self) -> int:
        return self.written - self.steered.read


class V2Batch:
    """The steered requests of the batch, by their slot."""

    def __init__(self, makers: Makers, state: LogitsProcRequestState) -> None:
        self._makers = makers
        self._state = state
        self._slots: dict[int, Steered] = {}

    def add_request(self, slot: int, params: SamplingParams) -> bool:
        """A request enters a slot; whether it is a steered one."""
        self._slots.pop(slot, None)
        steered = self._makers.admit(params)
        if steered is None:
            return False
        self._slots[slot] = steered
        return True

    def apply(self, logits: torch.Tensor, context: LogitsContext) -> torch.Tensor:
        """Leave to each steered request only what it may write next."""
        if not self._slots:
            return logits
        if len(logits) != len(context.idx_mapping_np):
            return self._with_drafts(logits, context)
        due = self._due(context)
        if due:
            self._catch_up(due, context)
            mask(
                logits,
                [each.row for each in due],
                [each.steered.offer() for each in due],
                [each.steered.temperature for each in due],
            )
        return logits

    def _with_drafts(self, logits: torch.Tensor, context: LogitsContext) -> torch.Tensor:
        """End every steered request: with a row for each draft, no list can be followed."""
        steered = {
            row: self._slots[slot]
            for row, slot in enumerate(context.expanded_idx_mapping.tolist())
            if slot in self._slots
        }
        for each in steered.values():
            each.end(BadSettings(NO_DRAFTS))
        if steered:
            mask(logits, list(steered), [each.offer() for each in steered.values()])
        return logits

    def _due(self, context: LogitsContext) -> list[_Due]:
        """Each request has one row, in the order of the batch."""
        prompt, prefill = self._state.prompt_len.np, self._state.prefill_len.np
        due: list[_Due] = []
        for row, slot in enumerate(context.idx_mapping_np.tolist()):
            steered = self._slots.get(slot)
            length = int(context.seq_lens_upper_bound_np[row])
            # A prompt that is read in parts gives rows too, from which nothing is taken.
            if steered and length >= prefill[slot]:
                due.append(_Due(row, slot, steered, length - int(prompt[slot])))
        return due

    def _catch_up(self, due: list[_Due], context: LogitsContext) -> None:
        chosen: list[_Due] = []
        for each in due:
            if each.missing not in {0, 1}:
                # It was resumed, or tokens were taken back: all of it is read.
                each.steered.rewind()
                each.steered.follow(self._history(each))
            elif each.missing and each.steered.known is not None:
                each.steered.follow([each.steered.known])
            elif each.missing:
                chosen.append(each)
        if chosen:
            rows = torch.tensor([each.row for each in chosen], device=context.input_ids.device)
            for each, token in zip(chosen, context.input_ids[rows].tolist(), strict=True):
                each.steered.follow([token])

    def _history(self, each: _Due) -> list[int]:
        start = int(self._state.prompt_len.np[each.slot])
        history = self._state.all_token_ids.gpu[each.slot]
        tokens: list[int] = history[start : start + each.written].tolist()
        return tokens
