"""What the server's front lets through, by the very functions that vLLM calls for each request."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from bindery import bind
from vessel import END, PLUGIN, Library, Wish, labels, roll_wish
from vllm import SamplingParams
from vllm.exceptions import VLLMValidationError
from vllm.sampling_params import RepetitionDetectionParams, StructuredOutputsParams
from vllm.v1.sample.logits_processor import validate_logits_processors_parameters
from vllm.v1.worker.gpu.sample.logits_processor import (
    build_custom_logits_processors_params_validator,
)

from service.engines import vllm_plugin
from service.engines.plugin import admission, openings
from service.engines.wire import parameters as wire
from service.engines.wire.parameters import Asked
from service.steering.lexicon import Frame

Validate = Callable[[SamplingParams], None]


@pytest.fixture(params=["V1", "V2"])
def validate(request: pytest.FixtureRequest) -> Validate:
    """The class is found as in production: by its entry point, and by the name given here."""
    if request.param == "V2":
        return build_custom_logits_processors_params_validator([PLUGIN])
    return lambda params: validate_logits_processors_parameters([PLUGIN], params)


def good(library: Library) -> Wish:
    seeds = (roll_wish(library, "good", seed) for seed in range(100))
    small = library.versions[1]
    return next(w for w in seeds if w.assignment and w.assignment.catalogue == small)


def params_with(library: Library, **changes: Any) -> SamplingParams:
    params = good(library).params()
    assert params.extra_args
    for key, value in changes.items():
        params.extra_args[f"listwright_{key}" if key != "listwright" else key] = value
    return params


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"listwright": 2}, "listwright"),
        ({"listwright": "1"}, "listwright"),
        ({"k": 0}, "listwright_k"),
        ({"k": "5"}, "listwright_k"),
        ({"k": 13}, "listwright_k"),
        ({"catalogue": "c000000000000"}, "listwright_catalogue"),
        ({"catalogue": "../../etc"}, "listwright_catalogue"),
        ({"catalogue": 7}, "listwright_catalogue"),
        ({"kk": 5}, "listwright_kk"),
        ({"include": ["purple"]}, "listwright_include"),
        ({"exclude": ["purple"]}, "listwright_exclude"),
        ({"shares": ["red"]}, "listwright_shares"),
        ({"shares": ["red<=2"]}, "listwright_shares"),
        ({"shares": ["purple<=0.2"]}, "listwright_shares"),
        ({"shares": ["red<=0.1"] * 5}, "listwright_shares"),
        ({"include": ["red"] * 65}, "listwright_include"),
        ({"include": ["red"], "exclude": ["red"], "k": 1, "banned": []}, "listwright_exclude"),
        (
            {"include": ["red"], "exclude": [], "shares": ["red<=0"], "k": 1, "banned": []},
            "listwright_shares",
        ),
        ({"banned": [10**6]}, "listwright_banned"),
        ({"banned": [-1]}, "listwright_banned"),
        ({"banned": list(range(9)), "prior_rows": [], "prior_scores": []}, "listwright_k"),
        ({"prior_rows": [10**6], "prior_scores": [0.5]}, "listwright_prior_rows"),
        ({"prior_rows": [1], "prior_scores": []}, "listwright_prior_scores"),
        ({"prior_rows": [1, 1], "prior_scores": [0.5, 0.5]}, "listwright_prior_rows"),
        ({"weight": -1}, "listwright_weight"),
        ({"tokens": [5, 0]}, "listwright_tokens"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(
    library: Library, validate: Validate, changes: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(VLLMValidationError, match=parameter) as caught:
        validate(params_with(library, **changes))
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"stop": ["."]}, "stop"),
        ({"stop_token_ids": [20]}, "stop_token_ids"),
        ({"ignore_eos": True}, "ignore_eos"),
        ({"min_tokens": 1}, "min_tokens"),
        ({"max_tokens": 2}, "max_tokens"),
        ({"repetition_penalty": 1e6}, "repetition_penalty"),
        ({"thinking_token_budget": 5}, "thinking_token_budget"),
        ({"trace_decode_token_ids": [5]}, "trace_decode_token_ids"),
        ({"structured_outputs": StructuredOutputsParams(choice=["a"])}, "structured_outputs"),
        (
            {"repetition_detection": RepetitionDetectionParams(4, 1, 2)},
            "repetition_detection",
        ),
    ],
)
def test_what_could_break_a_list_is_refused_for_lists_alone(
    library: Library, validate: Validate, changes: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(VLLMValidationError) as caught:
        validate(good(library).params(**changes))
    assert caught.value.parameter == parameter
    validate(SamplingParams(**changes))


def test_vllms_own_default_is_too_short_for_most_lists(
    library: Library, validate: Validate
) -> None:
    changes = {"k": 6, "include": [], "exclude": [], "shares": [], "banned": []}
    params = params_with(library, **changes)
    params.max_tokens = SamplingParams().max_tokens
    with pytest.raises(VLLMValidationError, match="max_tokens is 16; a list of 6 takes 19"):
        validate(params)


def test_a_single_token_may_be_asked_for_to_see_whether_there_are_lists(
    library: Library, validate: Validate
) -> None:
    validate(good(library).params(max_tokens=1))


def test_the_lists_own_end_may_be_named_as_a_stop(library: Library, validate: Validate) -> None:
    validate(good(library).params(stop_token_ids=[END]))


def test_after_a_hundred_bad_requests_a_good_one_passes(
    library: Library, validate: Validate
) -> None:
    dice = np.random.default_rng(0)
    for _ in range(100):
        junk = dice.choice(["k", "catalogue", "shares", "banned", "prior_rows", "weight"])
        value: Any = [None, [None], {"a": 1}, True, "x" * 10_000, [10**30], float("nan")][
            dice.integers(7)
        ]
        with pytest.raises(VLLMValidationError):
            validate(params_with(library, **{junk: value}))
    validate(good(library).params())


def test_labels_need_no_catalogue(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
    validate(Wish("labels", 1, labels(np.random.default_rng(1))).params())


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"closing": [99]}, "listwright_closing"),
        ({"closing": "x"}, "listwright_closing"),
        ({"least": 1}, "listwright_closing"),
        ({"closing": [0], "least": 99}, "listwright_least"),
    ],
)
def test_what_ends_a_list_must_be_there(
    validate: Validate, changes: dict[str, Any], parameter: str
) -> None:
    params = Wish("labels", 1, labels(np.random.default_rng(1))).params()
    assert params.extra_args
    for name in ("listwright_closing", "listwright_least"):
        params.extra_args.pop(name, None)
    params.extra_args |= {f"listwright_{name}": value for name, value in changes.items()}
    with pytest.raises(VLLMValidationError, match=parameter) as caught:
        validate(params)
    assert caught.value.parameter == parameter


def test_without_catalogues_one_that_is_named_is_refused(
    library: Library, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = good(library).params()
    monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
    with pytest.raises(VLLMValidationError, match="has no catalogues"):
        validate(params)


def test_a_version_of_another_tokenizer_is_refused(library: Library, validate: Validate) -> None:
    current = library.shelf.current()
    frame = Frame(((100,), (101,)), END)
    other = bind(library.folder, [(5, 0), (6, 0)], [(), ()], frame, tokenizer=("Other", "ab" * 32))
    (library.folder / "CURRENT").write_text(f"{current}\n")
    try:
        with pytest.raises(VLLMValidationError, match=r"Other.*model"):
            validate(params_with(library, catalogue=other, k=1, include=[], exclude=[], shares=[]))
    finally:
        shutil.rmtree(library.folder / other)


def test_a_request_is_checked_once_however_often_the_class_was_found(
    library: Library, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def from_xargs(given: dict[str, Any] | None) -> Asked | None:
        read.append(given)
        return wire.from_xargs(given)

    monkeypatch.setattr(admission, "from_xargs", from_xargs)
    first, second = params_with(library), params_with(library)
    validate(first)
    assert read == [first.extra_args]
    validate(second)
    assert read == [first.extra_args, second.extra_args]


class TestDisk:
    """What a disk does to the front."""

    def test_one_that_hangs_is_waited_for_but_briefly(
        self, library: Library, tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "catalogues"
        shutil.copytree(library.folder, folder)
        pointer = folder / "CURRENT"
        version = pointer.read_bytes()
        pointer.unlink()
        os.mkfifo(pointer)  # whoever reads it waits until somebody has written it
        monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(folder))
        monkeypatch.setattr(openings, "OPENING_S", 0.2)
        told: list[str] = []

        def ask() -> None:
            try:
                validate(params_with(library))
            except VLLMValidationError as error:
                told.append(str(error))

        asking = Thread(target=ask, daemon=True)
        asking.start()
        asking.join(5)
        waits = asking.is_alive()
        pipe = os.open(pointer, os.O_RDWR)
        os.write(pipe, version)
        os.close(pipe)
        assert not waits
        assert told
        assert "still being opened" in told[0]

    def test_a_pointer_that_cannot_be_read_is_read_again(
        self, library: Library, tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "catalogues"
        shutil.copytree(library.folder, folder)
        pointer = folder / "CURRENT"
        current = pointer.read_text("ascii")
        frame = Frame(((100,), (101,)), END)
        other = bind(folder, [(5, 0), (6, 0)], [(), ()], frame, tokenizer=("Other", "ab" * 32))
        foreign = {"catalogue": other, "k": 1, "include": [], "exclude": [], "shares": []}
        monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(folder))
        pointer.unlink()
        with pytest.raises(VLLMValidationError, match="CURRENT"):
            validate(params_with(library, **foreign))
        pointer.write_text(current, "ascii")
        with pytest.raises(VLLMValidationError, match=r"Other.*model"):
            validate(params_with(library, **foreign))
        validate(params_with(library))

    def test_a_damaged_file_of_the_right_size_is_a_400(
        self, library: Library, tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "catalogues"
        shutil.copytree(library.folder, folder)
        path = folder / library.versions[1] / "postings" / "rows.npy"
        rows = np.load(path)
        np.save(path, np.full_like(rows, 10**6))
        monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(folder))
        with pytest.raises(VLLMValidationError, match="cannot be used") as caught:
            validate(params_with(library, include=["red"]))
        assert caught.value.parameter == "listwright_catalogue"


@pytest.mark.parametrize("extra_args", [None, {}, {"kv_transfer_params": {"a": 1}}])
def test_others_do_not_even_reach_the_settings(
    validate: Validate, monkeypatch: pytest.MonkeyPatch, extra_args: dict[str, Any] | None
) -> None:
    monkeypatch.setenv("LISTWRIGHT_MISSPELT", "1")
    validate(SamplingParams(extra_args=extra_args))
    assert vllm_plugin._front.cache_info().misses == 0


def test_the_front_keeps_as_many_versions_open_as_it_is_told(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTWRIGHT_PLUGIN__VERSIONS", "1")
    shelf = vllm_plugin._front()._openings._versions
    for version in library.versions:
        shelf.volume(version)
    assert [bool(shelf.at_hand(version)) for version in library.versions] == [False, True]
