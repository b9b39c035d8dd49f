"""FSDP2 with two processes of a CPU: the same losses and adapter as one process has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sft_examples import KILLED, choices, config_in, data_in

from models.llm.adapters import load_adapted
from models.sft.sharding import PATIENCE, together
from models.sft.tuning import tuned
from models.steps.output import figures_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Steps of 4 fill an epoch: its last one would otherwise be filled up with the first examples.
    return data_in(tmp_path_factory.mktemp("sft") / "data", range(12))


def by_two(*command: str | Path) -> int:
    """Two processes at work, as torchrun starts them; how they ended."""
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2"]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    started = [sys.executable, *torchrun, *meeting, *map(str, command)]
    return subprocess.run(started, env=one_thread(), check=False, timeout=300).returncode  # noqa: S603


def one_thread() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}


@pytest.fixture
def pair() -> Iterator[Callable[..., int]]:
    """The same of processes that need not be imported for: the command line is torchrun's above."""
    started = [sys.executable, str(Path(__file__).with_name("sft_pairs.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own interpreter and script
        started, stdin=pipe, stdout=pipe, env=one_thread(), text=True
    ) as pairs:
        assert pairs.stdin is not None
        assert pairs.stdout is not None
        asked, told = pairs.stdin, pairs.stdout

        def ended(*command: str | Path) -> int:
            asked.write(json.dumps([*map(str, command)]) + "\n")
            asked.flush()
            return int(told.readline())

        yield ended
        pairs.kill()


def sft(data: Path, model: Path, out: Path, config: Path) -> tuple[str | Path, ...]:
    """The step's own command line."""
    given = ("--data", data, "--model", model, "--out", out, "--config", config)
    return ("-m", "models.sft", *given)


def assert_alike(one: Path, two: Path, within: float) -> None:
    figures = [figures_of(folder) for folder in (one, two)]
    assert [of["processes"] for of in figures] == [1, 2]
    assert figures[1]["held"] == pytest.approx([0.5, 0.5], abs=0.01)
    assert figures[0]["losses"] == pytest.approx(figures[1]["losses"], abs=within)
    assert figures[0]["tokens"] == figures[1]["tokens"]
    for step, found in figures[0]["judgements"].items():
        assert found == pytest.approx(figures[1]["judgements"][step], abs=within)
    weights = [load_file(folder / "adapter_model.safetensors") for folder in (one, two)]
    assert {name: one.shape for name, one in weights[0].items()} == {
        name: one.shape for name, one in weights[1].items()
    }
    for name, tensor in weights[0].items():
        assert torch.allclose(tensor, weights[1][name], atol=within)


def test_processes_wait_while_the_first_reads_all_of_a_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    joined: list[timedelta] = []

    def join(_how: str, *, timeout: timedelta) -> None:
        joined.append(timeout)

    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("torch.distributed.init_process_group", join)
    monkeypatch.setattr("torch.distributed.destroy_process_group", lambda: None)
    with together():
        pass
    # 280 GB of float32 at 70B, from a disk that gives 50 MB/s.
    assert joined == [PATIENCE]
    assert timedelta(seconds=280e9 / 50e6) < PATIENCE


class TestSharded:
    def test_learns_the_same_as_one_process(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        chosen = choices(steps=4, batch=4, epochs=2)
        halved = config_in(tmp_path, chosen.model_copy(update={"batch": 2}))
        assert by_two(*sft(data, tiny, tmp_path / "two", halved)) == 0
        one = tuned(data, tiny, tmp_path / "one", chosen)
        assert one is not None
        assert_alike(one, tmp_path / "two", 1e-4)
        load_adapted(tmp_path / "two", precision="float32")

    def test_in_four_bits_and_killed_goes_on_to_the_same(
        self, data: Path, tiny: Path, tmp_path: Path, pair: Callable[..., int]
    ) -> None:
        """By smaller passes that are computed again, as the recipe for 70B has them.

        FSDP2 cuts rows: of a rank below the number of processes some hold no part of `lora_A`.
        """
        less = {"rank": 1, "alpha": 2, "clip": 0.3, "four_bit": True, "precision": "bfloat16"}
        chosen = choices(steps=4, batch=4, epochs=2, keep_every=1, **less)
        smaller = {"batch": 1, "accumulate": 2, "gradient_checkpointing": True}
        config = config_in(tmp_path, chosen.model_copy(update=smaller))
        assert pair(KILLED, data, tiny, tmp_path / "two", config, "2") == signal.SIGKILL
        assert not (tmp_path / "two").exists()
        (kept,) = tmp_path.glob(".two.*/state/checkpoints/step-*/manifest.json")
        assert kept.parent.name == "step-00000001"
        assert pair(*sft(data, tiny, tmp_path / "two", config)) == 0
        one = tuned(data, tiny, tmp_path / "one", chosen)
        assert one is not None
        # The sums of bfloat16 are rounded in another order, and Adam's first steps are signs.
        assert_alike(one, tmp_path / "two", 0.01)
        adapter = load_file(tmp_path / "two" / "adapter_model.safetensors")
        all_rows = [one for name, one in adapter.items() if "lora_A" in name]
        assert {len(one) for one in all_rows} == {1}
        # The first process has those rows, of all else each has half.
        first, second = figures_of(tmp_path / "two")["held"]
        assert first > second
