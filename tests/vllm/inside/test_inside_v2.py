"""The V2 adapter where it is tricky: slots used again, prompts read in parts, lists resumed."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from runner_v2 import CPU, V2Runner, without_gpu
from vessel import END, PLUGIN, Library, Wish, config_of, labels, roll_wish
from vllm.v1.worker.gpu.sample.logits_processor import LogitsContext, LogitsProcRequestState
from vllm.v1.worker.gpu.sample.logits_processor.loader import _load_v2_logitsprocs

from service.engines.vllm_plugin import ListwrightProcessor
from service.errors import BadSettings


@pytest.fixture(autouse=True)
def _no_gpu() -> Iterator[None]:
    with without_gpu():
        yield


def steered(library: Library, seed: int) -> Wish:
    while True:
        wish = roll_wish(library, f"r{seed}", seed)
        if wish.assignment and len(wish.plain()) > 8:
            return wish
        seed += 1000


def test_a_slot_is_used_again_by_a_steered_and_by_a_free_request(library: Library) -> None:
    runner = V2Runner(config_of(library))
    first = steered(library, 1)
    runner.add(first)
    for _ in range(4):
        runner.step([first.name])
    slot = runner.state.req_id_to_index[first.name]
    runner.finish(first.name)
    second = steered(library, 2)
    runner.add(second)
    assert runner.state.req_id_to_index[second.name] == slot
    runner.run([second.name])
    assert runner.finish(second.name) == second.plain()
    free = Wish("free", 3, None)
    runner.add(free)
    assert runner.state.req_id_to_index["free"] == slot
    for _ in range(5):
        runner.step(["free"])
    assert runner.finish("free") == [int(free.logits(place).argmax()) for place in range(5)]


@pytest.mark.parametrize("after", [1, 2, 5, 8])
def test_a_preempted_list_goes_on_where_it_was(library: Library, after: int) -> None:
    runner = V2Runner(config_of(library))
    wish, other = steered(library, 4), steered(library, 5)
    runner.add(wish)
    for _ in range(after):
        runner.step([wish.name])
    runner.preempt(wish.name)
    runner.add(other)  # takes the slot
    runner.step([other.name])
    runner.enter(wish.name)
    # Its prompt and earlier output are read again, in two parts.
    runner.step([wish.name, other.name], reading=[wish.name])
    runner.run([wish.name, other.name])
    assert runner.finish(wish.name) == wish.plain()
    assert runner.finish(other.name) == other.plain()


def test_rows_of_a_prompt_that_is_still_read_are_left_alone(library: Library) -> None:
    runner = V2Runner(config_of(library))
    wish = steered(library, 6)
    runner.add(wish)
    logits = runner.step([wish.name], reading=[wish.name])
    assert logits[0].numpy() == pytest.approx(wish.logits(0))
    runner.run([wish.name])
    assert runner.finish(wish.name) == wish.plain()


def test_a_step_that_is_taken_back_is_taken_again(library: Library) -> None:
    runner = V2Runner(config_of(library))
    wish = steered(library, 7)
    runner.add(wish)
    for _ in range(6):
        runner.step([wish.name])
    del runner.written[wish.name][-2:]
    runner.run([wish.name])
    assert runner.finish(wish.name) == wish.plain()


def test_the_device_is_asked_only_after_a_choice(library: Library) -> None:
    """Every read of the tokens that were fed would make the host wait."""
    asked: list[int] = []

    class Watched(torch.Tensor):
        def tolist(self) -> Any:
            asked.append(1)
            return super().tolist()

    runner = V2Runner(config_of(library))
    processor = next(each for each in runner.custom if each._v2)
    slots, choices = processor._v2, 0
    plain_apply = slots.apply

    def apply(logits: torch.Tensor, context: LogitsContext) -> torch.Tensor:
        fed = context.input_ids.as_subclass(Watched)
        return plain_apply(logits, LogitsContext(**{**vars(context), "input_ids": fed}))

    slots.apply = apply
    wish = steered(library, 8)
    assert wish.assignment
    runner.add(wish)
    runner.run([wish.name])
    written = runner.finish(wish.name)
    speller = wish.assignment.speller()
    for token in written:
        choices += speller.only is None
        speller.push(token)
    assert 0 < choices < len(written)
    assert len(asked) == choices


def test_a_fault_ends_its_request_and_no_other(library: Library) -> None:
    runner = V2Runner(config_of(library))
    wish, other = steered(library, 9), steered(library, 10)
    runner.add(wish)
    runner.add(other)
    names = [wish.name, other.name]
    runner.step(names)
    slot = runner.state.req_id_to_index[wish.name]
    runner.preempt(wish.name)
    runner.written[wish.name] = [63]  # a history that this request cannot have written
    runner.enter(wish.name)
    assert runner.state.req_id_to_index[wish.name] == slot
    runner.run(names)
    assert runner.finish(wish.name) == [63, END]
    assert runner.finish(other.name) == other.plain()


class TestDrafts:
    def test_a_configured_plugin_refuses_to_start(self, library: Library) -> None:
        with pytest.raises(BadSettings, match="speculative"):
            V2Runner(config_of(library, speculative=SimpleNamespace()))

    def test_without_catalogues_steered_rows_are_ended(
        self, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
        runner = V2Runner(config_of(library, speculative=SimpleNamespace()))
        runner.add(Wish("free", 1, None))
        wish = Wish("labels", 5, labels(np.random.default_rng(5)))
        runner.add(wish)
        free, slot = runner.state.req_id_to_index["free"], runner.state.req_id_to_index["labels"]
        processor = next(each for each in runner.custom if each._v2)
        logits = torch.randn(4, 120)
        context = LogitsContext(
            expanded_idx_mapping=torch.tensor([free, free, slot, slot]),
            idx_mapping=torch.tensor([free, slot]),
            idx_mapping_np=np.array([free, slot]),
            expanded_local_pos=torch.tensor([0, 1, 0, 1]),
            input_ids=torch.tensor([9, 1, 9, 1]),
            pos=torch.tensor([2, 3, 2, 3]),
            seq_lens_upper_bound_np=np.array([4, 4]),
        )
        edited = processor.apply(logits.clone(), context)
        assert edited[:2].equal(logits[:2])
        assert edited[2:].isfinite().nonzero().tolist() == [[0, END], [1, END]]


def test_named_and_installed_only_one_acts(library: Library) -> None:
    runner = V2Runner(config_of(library, named=[PLUGIN]))
    assert [each._v2 is not None for each in runner.custom] == [True, False]


def test_installed_it_is_found_by_its_entry_point() -> None:
    assert _load_v2_logitsprocs(None) == [ListwrightProcessor]


def test_several_prompts_of_one_body_are_lists_of_their_own(library: Library) -> None:
    """vLLM makes a request of each, with the same parameters and a text of its own."""
    one = steered(library, 12)
    batch = [Wish(f"{place}", place, one.assignment) for place in range(4)]
    runner, params = V2Runner(config_of(library)), one.params()
    for wish in batch:
        runner.add(wish, params)
    names = [wish.name for wish in batch]
    runner.run(names)
    lists = [runner.finish(name) for name in names]
    assert lists == [wish.plain() for wish in batch]
    assert len({tuple(written) for written in lists}) > 1


def test_one_class_serves_both_runners(library: Library) -> None:
    runner = V2Runner(config_of(library))
    state = LogitsProcRequestState.from_request_state(runner.state)
    under_v2 = ListwrightProcessor(config_of(library), state)
    under_v1 = ListwrightProcessor(config_of(library), CPU, False)
    assert (bool(under_v2._v2), bool(under_v2._v1)) == (True, False)
    assert (bool(under_v1._v2), bool(under_v1._v1)) == (False, True)
