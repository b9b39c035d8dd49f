"""vLLM's V1 batch and sampler on this machine's CPU; only the model is dice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from vessel import PROMPT, VOCABULARY, Wish
from vllm import SamplingParams
from vllm.v1.outputs import SamplerOutput
from vllm.v1.sample.logits_processor import build_logitsprocs
from vllm.v1.sample.sampler import Sampler
from vllm.v1.worker.gpu_input_batch import CachedRequestState, InputBatch

CPU = torch.device("cpu")


class _Copied:
    @staticmethod
    def synchronize() -> None:
        """There is nothing to wait for."""


@dataclass
class V1Runner:
    """Steps as the model runner takes them: drop, add, condense, refresh, sample, note."""

    config: Any
    wishes: dict[str, Wish] = field(default_factory=dict)
    states: dict[str, CachedRequestState] = field(default_factory=dict)
    written: dict[str, list[int]] = field(default_factory=dict)
    sampled: list[SamplerOutput] = field(default_factory=list)

    def __post_init__(self) -> None:
        named = tuple(self.config.model_config.logits_processors or ())
        self.asynchronous = self.config.scheduler_config.async_scheduling
        self.sampler = Sampler()
        self.batch = InputBatch(
            max_num_reqs=16,
            max_model_len=512,
            max_num_batched_tokens=512,
            device=CPU,
            vocab_size=VOCABULARY,
            block_sizes=[16],
            max_num_blocks_per_req=[32],
            logitsprocs=build_logitsprocs(self.config, CPU, False, False, named),
            logitsprocs_need_output_token_ids=bool(named),
        )

    def add(self, wish: Wish, params: SamplingParams | None = None) -> None:
        params = params or wish.params()
        self.wishes[wish.name] = wish
        self.written[wish.name] = []
        generator = None
        if params.seed is not None:
            generator = torch.Generator().manual_seed(params.seed)
        self.states[wish.name] = CachedRequestState(
            req_id=wish.name,
            prompt_token_ids=list(PROMPT),
            mm_features=[],
            sampling_params=params,
            generator=generator,
            block_ids=([0],),
            num_computed_tokens=0,
            output_token_ids=[],
        )

    def finish(self, name: str) -> list[int]:
        self.batch.remove_request(name)
        del self.states[name]
        return self.written.pop(name)

    def swap(self, one: str, other: str) -> None:
        """As an attention backend reorders the batch; takes effect with the next step."""
        places = self.batch.req_id_to_index
        self.batch.swap_states(places[one], places[other])

    def take_back(self, name: str, tokens: int) -> None:
        """As when the cache of the last tokens could not be loaded."""
        del self.states[name].output_token_ids[-tokens:]
        del self.written[name][-tokens:]
        self.batch.num_tokens_no_spec[self.batch.req_id_to_index[name]] -= tokens

    def step(
        self,
        scheduled: Sequence[str],
        *,
        discarded: Sequence[str] = (),
        swaps: Sequence[tuple[str, str]] = (),
    ) -> None:
        """One step; what is sampled for the discarded is thrown away, as in a partial prefill."""
        batch = self.batch
        for name in set(batch.req_id_to_index) - set(scheduled):
            batch.remove_request(name)
        for name in scheduled:
            if name not in batch.req_id_to_index:
                self._enter(name)
        batch.condense()
        for one, other in swaps:
            self.swap(one, other)
        batch.refresh_metadata()
        batch.update_async_output_token_ids()
        self.sampled.append(self.sampler(self._logits(), batch.sampling_metadata))
        self._note(self.sampled[-1], discarded)

    def run(self, names: Sequence[str], steps: int = 200) -> None:
        """Step until each has written its end."""
        for _ in range(steps):
            due = [name for name in names if 2 not in self.written[name]]
            if not due:
                return
            self.step(due)
        raise AssertionError(f"no end: {due}")

    def _enter(self, name: str) -> None:
        state = self.states[name]
        if self.asynchronous:
            # The scheduler knows what was written by the time a request is resumed.
            state.output_token_ids = list(self.written[name])
        self.batch.add_request(state)

    def _logits(self) -> torch.Tensor:
        says = [self.wishes[n].logits(len(self.written[n])) for n in self.batch.req_ids]
        return torch.from_numpy(np.stack(says))

    def _note(self, output: SamplerOutput, discarded: Sequence[str]) -> None:
        batch, sampled = self.batch, output.sampled_token_ids
        kept = {name: place for place, name in enumerate(batch.req_ids) if name not in discarded}
        for name, place in kept.items():
            token = int(sampled[place, 0])
            self.written[name].append(token)
            self.states[name].output_token_ids.append(-1 if self.asynchronous else token)
            batch.num_tokens_no_spec[place] += 1
        if self.asynchronous:
            batch.prev_req_id_to_index = kept
            batch.set_async_sampled_token_ids(sampled.clone(), _Copied())
