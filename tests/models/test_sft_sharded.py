"""FSDP2 with two processes of a CPU: the same losses and adapter as one process has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sft_examples import choices, data_in

from models.llm.adapters import load_adapted
from models.sft.choices import Tuning
from models.sft.tuning import tuned
from models.steps.output import figures_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Steps of 4 fill an epoch: its last one would otherwise be filled up with the first examples.
    return data_in(tmp_path_factory.mktemp("sft") / "data", range(12))


def started(data: Path, model: Path, out: Path, chosen: Tuning) -> subprocess.Popen[bytes]:
    """Two processes at work, as torchrun starts them."""
    config = out.with_name("how.toml")
    values = chosen.model_dump().items()
    config.write_text("\n".join(f"{name} = {json.dumps(one)}" for name, one in values))
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2"]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    options = ["--data", data, "--model", model, "--out", out, "--config", config]
    command = [sys.executable, *torchrun, *meeting, "-m", "models.sft", *map(str, options)]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    return subprocess.Popen(command, env=one_thread)  # noqa: S603 - our own module


def kill_all(torchrun: int) -> None:
    """Kill torchrun and its workers, which are in sessions of their own."""
    workers = Path(f"/proc/{torchrun}/task/{torchrun}/children").read_text().split()
    for process in (torchrun, *map(int, workers)):
        os.kill(process, signal.SIGKILL)


def halved(chosen: Tuning) -> Tuning:
    """For each of two processes half of a step's examples."""
    return chosen.model_copy(update={"batch": chosen.batch // 2})


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


class TestSharded:
    def test_learns_the_same_as_one_process(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        chosen = choices(steps=4, batch=4, epochs=2)
        with started(data, tiny, tmp_path / "two", halved(chosen)) as process:
            assert process.wait(300) == 0
        one = tuned(data, tiny, tmp_path / "one", chosen)
        assert one is not None
        assert_alike(one, tmp_path / "two", 1e-4)
        load_adapted(tmp_path / "two", precision="float32")

    def test_in_four_bits_and_killed_goes_on_to_the_same(
        self, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        four_bit = {"four_bit": True, "precision": "bfloat16"}
        chosen = choices(steps=4, batch=4, epochs=2, keep_every=1, **four_bit)
        with started(data, tiny, tmp_path / "two", halved(chosen)) as process:
            while not any(tmp_path.glob(".*/state/checkpoints/step-*/manifest.json")):
                assert process.poll() is None
                time.sleep(0.01)
            kill_all(process.pid)
        assert not (tmp_path / "two").exists()
        with started(data, tiny, tmp_path / "two", halved(chosen)) as process:
            assert process.wait(300) == 0
        one = tuned(data, tiny, tmp_path / "one", chosen)
        assert one is not None
        # The sums of bfloat16 are rounded in another order, and Adam's first steps are signs.
        assert_alike(one, tmp_path / "two", 0.01)
