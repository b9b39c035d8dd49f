"""The V1 adapter where it is tricky: what vLLM takes back, hides or adds around the processors."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
import torch
from runner_v1 import CPU, V1Runner
from vessel import END, PLUGIN, Library, Wish, config_of, labels, roll_wish
from vllm.v1.sample.logits_processor import _load_custom_logitsprocs, build_logitsprocs

from service.engines.vllm_plugin import ListwrightProcessor


def steered(library: Library, seed: int) -> Wish:
    while True:
        wish = roll_wish(library, f"r{seed}", seed)
        if wish.assignment:
            return wish
        seed += 1000


def processors(config: Any, named: tuple[str, ...]) -> list[ListwrightProcessor]:
    built = build_logitsprocs(config, CPU, False, False, named)
    return [each for each in built.all if isinstance(each, ListwrightProcessor)]


def test_tokens_that_are_taken_back_are_written_again(library: Library) -> None:
    wish = steered(library, 3)
    runner = V1Runner(config_of(library))
    runner.add(wish)
    for _ in range(3):
        runner.step([wish.name])
    runner.take_back(wish.name, 2)
    runner.run([wish.name])
    assert runner.finish(wish.name) == wish.plain()


def test_after_the_end_only_the_end_is_written(library: Library) -> None:
    wish = steered(library, 4)
    runner = V1Runner(config_of(library))
    runner.add(wish, wish.params(ignore_eos=True))
    plain = wish.plain(after_end=5)
    for _ in plain:
        runner.step([wish.name])
    assert runner.finish(wish.name) == plain


@pytest.mark.parametrize(
    "changes",
    [
        {"logit_bias": {END: 100.0, 20: 100.0, 21: -100.0, 60: 100.0}},
        {"repetition_penalty": 100.0, "presence_penalty": 2.0, "frequency_penalty": 2.0},
        {"repetition_penalty": 0.01, "temperature": 0.01},
        {"allowed_token_ids": [60, 61]},
        {"logprobs": 5},
        {"temperature": 2.0, "seed": 1},
        {"temperature": 1.0, "top_k": 1, "top_p": 0.01, "min_p": 1.0},
    ],
    ids="-".join,
)
def test_other_parameters_do_not_break_a_list(library: Library, changes: dict[str, Any]) -> None:
    for seed in range(10):
        wish = steered(library, seed)
        runner = V1Runner(config_of(library))
        params = wish.params(**changes)
        ListwrightProcessor.validate_params(params)
        runner.add(wish, params)
        runner.run([wish.name])
        wish.check(runner.finish(wish.name))


def test_bad_words_do_not_break_a_list(library: Library) -> None:
    wish = steered(library, 5)
    params = wish.params()
    params._bad_words_token_ids = [[token] for token in range(10, 60)]
    runner = V1Runner(config_of(library))
    runner.add(wish, params)
    runner.run([wish.name])
    wish.check(runner.finish(wish.name))


def test_the_same_seed_writes_the_same_list(library: Library) -> None:
    wish = steered(library, 6)
    lists = []
    for seed in (1, 1, 2, 3, 4, 5):
        runner = V1Runner(config_of(library))
        runner.add(wish, wish.params(temperature=2.0, seed=seed))
        runner.run([wish.name])
        lists.append(runner.finish(wish.name))
    assert lists[0] == lists[1]
    assert any(written != lists[0] for written in lists[2:])


@pytest.mark.parametrize("says", [np.nan, -np.inf, np.inf])
def test_a_model_that_gives_no_numbers_still_writes_a_list(library: Library, says: float) -> None:
    class Mute(Wish):
        def logits(self, written: int) -> np.ndarray:
            return np.full(120, says, dtype=np.float32)

    for seed in range(5):
        wish = steered(library, seed)
        mute = Mute(wish.name, wish.seed, wish.assignment)
        runner = V1Runner(config_of(library))
        runner.add(mute, mute.params(temperature=1.0))
        runner.run([mute.name])
        mute.check(runner.finish(mute.name))


def test_named_and_installed_only_one_acts(library: Library) -> None:
    found = processors(config_of(library), (PLUGIN,))
    assert [bool(each._v1) for each in found] == [True, False]


def test_installed_it_is_found_by_its_entry_point() -> None:
    assert _load_custom_logitsprocs(None) == [ListwrightProcessor]


def test_several_prompts_of_one_body_are_lists_of_their_own(library: Library) -> None:
    """vLLM makes a request of each, with the same parameters and a text of its own."""
    one = steered(library, 12)
    batch = [Wish(f"{place}", place, one.assignment) for place in range(4)]
    runner, params = V1Runner(config_of(library)), one.params()
    for wish in batch:
        runner.add(wish, params)
    names = [wish.name for wish in batch]
    runner.run(names)
    lists = [runner.finish(name) for name in names]
    assert lists == [wish.plain() for wish in batch]
    assert len({tuple(written) for written in lists}) > 1


def test_log_probabilities_are_the_models_own(library: Library) -> None:
    """Asked for with a list they change nothing of it, and say what the model thought freely."""
    wish = steered(library, 13)
    runner = V1Runner(config_of(library))
    runner.add(wish, wish.params(logprobs=5))
    runner.add(Wish("free", 1, None))
    runner.run([wish.name])
    output = runner.sampled[0]
    assert output.logprobs_tensors
    free = torch.from_numpy(wish.logits(0)).log_softmax(0)
    chosen = int(output.sampled_token_ids[0, 0])
    ids, values = output.logprobs_tensors.logprob_token_ids, output.logprobs_tensors.logprobs
    assert ids[0].tolist()[0] == chosen
    assert values[0].tolist() == pytest.approx(free[ids[0].long()].tolist(), rel=1e-4)
    assert runner.finish(wish.name) == wish.plain()


def test_another_server_in_the_process_has_its_own(library: Library) -> None:
    one = processors(config_of(library), (PLUGIN,))
    other = processors(config_of(library), (PLUGIN,))
    assert one[0]._v1
    assert other[0]._v1
    assert one[0]._v1 is not other[0]._v1


def test_a_fault_ends_its_request_and_no_other(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    wishes = [steered(library, seed) for seed in (7, 8, 9)]
    runner = V1Runner(config_of(library))
    for wish in wishes:
        runner.add(wish)
    bad = wishes[1].name
    runner.step([wish.name for wish in wishes])
    with caplog.at_level(logging.ERROR):
        runner.states[bad].output_token_ids[-1] = 63  # not what may stand there
        runner.run([wish.name for wish in wishes])
    assert runner.finish(bad)[1:] == [END]
    for wish in (wishes[0], wishes[2]):
        assert runner.finish(wish.name) == wish.plain()
    assert [record.message for record in caplog.records if "steered" in record.message] == [
        next(record.message for record in caplog.records if "token 63" in record.message)
    ]


def test_what_slipped_past_the_front_ends_its_request(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = steered(library, 10), steered(library, 11)
    params = bad.params()
    assert params.extra_args
    params.extra_args["listwright_k"] = "many"
    params.extra_args["listwright_include"] = ["a secret wish"]
    runner = V1Runner(config_of(library))
    runner.add(good)
    runner.add(bad, params)
    with caplog.at_level(logging.ERROR):
        runner.run([good.name, bad.name])
    assert runner.finish(bad.name) == [END]
    assert runner.finish(good.name) == good.plain()
    assert "listwright_k" in caplog.text
    assert "secret" not in caplog.text
    assert "many" not in caplog.text


def test_a_token_the_model_lacks_ends_the_request(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
    wish = Wish("labels", 1, labels(np.random.default_rng(2)))
    runner = V1Runner(config_of(library, vocabulary=35))
    runner.add(wish)
    runner.run([wish.name])
    written = runner.finish(wish.name)
    assert written == [END]


class TestUnannounced:
    """Found by its entry point alone, under asynchronous scheduling."""

    def test_a_configured_plugin_refuses_to_start(self, library: Library) -> None:
        config = config_of(library, asynchronous=True, named=None)
        with pytest.raises(Exception, match=r"--logits-processors.*--no-async-scheduling"):
            ListwrightProcessor(config, CPU, False)

    def test_vllm_does_hide_the_tokens(
        self, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The reason; and without catalogues, where the start goes on, nothing is let free."""
        monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
        wish = Wish("labels", 5, labels(np.random.default_rng(5)))
        config = config_of(library, asynchronous=True, named=None)
        runner = V1Runner(config)
        processor = ListwrightProcessor(config, CPU, False)
        if not any(isinstance(each, ListwrightProcessor) for each in runner.batch.logitsprocs.all):
            runner.batch.logitsprocs.non_argmax_invariant.append(processor)
        runner.add(wish)
        runner.step([wish.name])
        runner.step([wish.name])
        assert runner.states[wish.name].output_token_ids[0] == -1
        assert runner.written[wish.name] == [END, END]

    @pytest.mark.parametrize("changes", [{"asynchronous": False, "named": None}, {}])
    def test_either_remedy_lets_it_start(self, library: Library, changes: dict[str, Any]) -> None:
        config = config_of(library, **({"asynchronous": True} | changes))
        assert ListwrightProcessor(config, CPU, False)._v1


def test_unsteered_logits_are_not_touched(library: Library) -> None:
    processor = ListwrightProcessor(config_of(library), CPU, False)
    processor.update_state(None)
    logits = torch.randn(3, 120)
    assert processor.apply(logits.clone()).equal(logits)
