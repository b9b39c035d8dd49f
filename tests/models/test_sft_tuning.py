from __future__ import annotations

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file
from sft_examples import KILLED, choices, config_in, data_in
from torch import nn
from torch.nn import functional
from typer.testing import CliRunner

from models.evaluate.recommend.world import Reading
from models.llm.adapters import load_adapted, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.sft import __main__ as commands
from models.sft.choices import Tuning
from models.sft.data.choices import Making
from models.sft.lessons import lessons_in
from models.sft.task import task_of
from models.sft.trainer import Judge, Tuner
from models.sft.tuning import config_of, tuned
from models.steps.config import configured
from models.steps.digest import digest_of
from models.steps.output import figures_of
from service.errors import BadInput, BadSettings, DamagedArtifact
from service.modelfolder import read_manifest, write_manifest

WEIGHTS = "adapter_model.safetensors"
MATRIX = "base_model.model.model.layers.0.self_attn.q_proj.lora_B"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_in(tmp_path_factory.mktemp("sft") / "data")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, data: Path, tiny: Path) -> Path:
    """An adapter whose training nothing ended; with dropout, so that the dice matter."""
    return run(data, tiny, tmp_path_factory.mktemp("sft") / "out", choices(dropout=0.2))


def run(data: Path, model: Path, out: Path, chosen: Tuning, **more: object) -> Path:
    folder = tuned(data, model, out, chosen, **more)  # type: ignore[arg-type]
    assert folder is not None
    return folder


def assert_same(one: Path, other: Path) -> None:
    """The same adapter, bit for bit, by the same losses."""
    assert (one / WEIGHTS).read_bytes() == (other / WEIGHTS).read_bytes()
    figures = [figures_of(folder) for folder in (one, other)]
    for name in ("losses", "judgements", "best_step", "tokens"):
        assert figures[0][name] == figures[1][name]


class TestTuned:
    def test_is_an_adapter_that_has_learnt(self, data: Path, tiny: Path, undisturbed: Path) -> None:
        figures = figures_of(undisturbed)
        assert figures["steps"] == 6
        assert len(figures["losses"]) == 6
        assert figures["best"]["loss"] < figures["judgements"]["0"]["loss"] - 0.1
        assert figures["examples"] == 14
        config = json.loads((undisturbed / "adapter_config.json").read_text())
        assert Path(config["base_model_name_or_path"]) == tiny.resolve()
        assert (undisturbed / "tokenizer.json").read_bytes() == (
            tiny / "tokenizer.json"
        ).read_bytes()

    def test_has_the_loss_that_its_figures_say(
        self, data: Path, tiny: Path, undisturbed: Path
    ) -> None:
        _, model = load_adapted(undisturbed, precision="float32")
        total = tokens = 0.0
        for row in lessons_in(data / "validation.jsonl", checkpoint_in(tiny).tokenizer, 999).rows:
            with torch.no_grad():
                logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1]
            labels = torch.tensor(row["labels"][1:])
            total += functional.cross_entropy(logits, labels, reduction="sum").item()
            tokens += int((labels != -100).sum())
        assert total / tokens == pytest.approx(figures_of(undisturbed)["best"]["loss"], abs=1e-4)

    def test_is_the_same_in_smaller_passes_that_are_computed_again(
        self, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        chosen = choices(steps=0, epochs=0.5, batch=4, validation_examples=0)
        one = figures_of(run(data, tiny, tmp_path / "one", chosen))
        smaller = {"batch": 2, "accumulate": 2, "gradient_checkpointing": True}
        two = figures_of(run(data, tiny, tmp_path / "two", chosen.model_copy(update=smaller)))
        assert one["steps"] == 2
        assert one["losses"] == pytest.approx(two["losses"], abs=1e-4)
        assert one["tokens"] == two["tokens"]
        assert one["best"] == {}

    def test_learns_under_four_bit_weights(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        chosen = choices(four_bit=True, precision="bfloat16")
        figures = figures_of(run(data, tiny, tmp_path / "out", chosen))
        assert figures["best"]["loss"] < figures["judgements"]["0"]["loss"] - 0.1

    def test_ends_by_patience_and_keeps_the_best(
        self, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        worth = {0: 0.1, 1: 0.2, 2: 0.9, 3: 0.3, 4: 0.4}
        seen: dict[str, torch.Tensor] = {}

        def judge(module: nn.Module, name: str) -> Mapping[str, float]:
            seen[name] = module.get_parameter(f"{MATRIX}.default.weight").detach().clone()
            return {"sequential free NDCG@10": worth[int(name.removeprefix("step "))]}

        slides = {"rank": 4, "alpha": 2, "matrices": ["q_proj", "v_proj"]}
        best = {"best": "sequential free NDCG@10", "evaluate_every": 1, "patience": 2}
        chosen = choices(**slides, **best)
        folder = run(data, tiny, tmp_path / "out", chosen, judge=nullcontext(judge))
        figures = figures_of(folder)
        assert (figures["steps"], figures["best_step"]) == (4, 2)
        assert figures["ended_by"] == "patience"
        assert figures["best"]["sequential free NDCG@10"] == 0.9
        assert figures["final"]["sequential free NDCG@10"] == 0.4
        weights = load_file(folder / WEIGHTS)
        assert torch.equal(weights[f"{MATRIX}.weight"], seen["step 2"])
        assert not torch.equal(weights[f"{MATRIX}.weight"], seen["step 4"])
        assert {name.split(".")[-3] for name in weights} == {"q_proj", "v_proj"}
        config = json.loads((folder / "adapter_config.json").read_text())
        assert (config["r"], config["lora_alpha"]) == (4, 2)


class TestChoices:
    def test_read_as_much_as_data_are_made_to(self) -> None:
        assert Tuning().context == Making().context

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ("matrices=q_proj", ("q_proj",)),
            ('matrices=["q_proj", "v_proj"]', ("q_proj", "v_proj")),
            ("matrices=all-linear", "all-linear"),
        ],
    )
    def test_name_one_matrix_or_several(
        self, tiny: Path, given: str, found: str | tuple[str, ...]
    ) -> None:
        shape = configured(Tuning, None, [given]).lora
        assert shape.matrices == found
        adapted = with_lora(load_model(checkpoint_in(tiny)), shape)
        assert any("q_proj.lora_A" in name for name, _ in adapted.named_parameters())


class TestCommand:
    def test_judges_in_a_data_set_read_as_it_says(
        self, data: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The demo shop too; how it is read is part of what the adapter is made of."""
        opened: list[tuple[Path, Reading]] = []

        @contextmanager
        def judge_in(world: Path, *_: object, reading: Reading, **__: object) -> Iterator[Judge]:
            opened.append((world, reading))
            yield lambda _module, _name: {"free NonExist": 0.5}

        monkeypatch.setenv("LISTWRIGHT_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(commands, "judge_in", judge_in)
        common = ["--data", data, "--model", tiny, "--config", config_in(tmp_path, choices())]
        judged = ["--world", "demo", "--set", "judged_users=1", "--set", "best=free NonExist"]
        made_of = []
        for name, more in (("one", []), ("two", ["--column", "id=item_id", "--skip-bad"])):
            given = map(str, [*common, *judged, *more, "--out", tmp_path / name])
            result = CliRunner().invoke(commands.app, list(given))
            assert result.exit_code == 0, result.output
            made_of.append(read_manifest(tmp_path / name)["made_of"]["world"])
        (shop, plain), (_, told) = opened
        assert plain == Reading()
        assert told == Reading({"id": "item_id"}, skip_bad=True)
        assert made_of[0] != made_of[1]
        assert made_of[0] == digest_of(shop)

    @pytest.mark.parametrize(
        ("processes", "given", "told"),
        [
            ("2", [], "Lists are judged in one process"),
            ("1", ["context=2049"], "The context is 2049 tokens"),
            ("1", ["context=20"], "fits into 20 tokens"),
        ],
    )
    def test_refuses_before_it_opens_the_judge(
        self,
        data: Path,
        tiny: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        processes: str,
        given: list[str],
        told: str,
    ) -> None:
        @contextmanager
        def judge_in(*_: object, **__: object) -> Iterator[Judge]:
            pytest.fail("the judge was opened")
            yield

        monkeypatch.setenv("WORLD_SIZE", processes)
        monkeypatch.setattr(commands, "judge_in", judge_in)
        common = ["--data", data, "--model", tiny, "--out", tmp_path / "out", "--world", data]
        sets = [text for one in ["judged_users=1", *given] for text in ("--set", one)]
        result = CliRunner().invoke(commands.app, [*map(str, common), *sets])
        assert result.exit_code == 1
        assert told in " ".join(result.stderr.split())


class TestPlaced:
    def test_is_on_one_gpu_of_several(
        self, data: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
        monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
        monkeypatch.setattr("torch.cuda.set_device", lambda _device: None)
        config = config_of(task_of(data, tiny, choices(batch=4)), tmp_path, begun=False)
        assert config.device.type == "cuda"
        assert (config.n_gpu, config.train_batch_size) == (1, 4)

    @pytest.mark.parametrize(("processes", "device"), [(1, "meta"), (2, "cpu")])
    def test_is_not_moved_as_a_whole_where_it_is_sharded(
        self, monkeypatch: pytest.MonkeyPatch, processes: int, device: str
    ) -> None:
        monkeypatch.setattr("models.sft.trainer.processes", lambda: processes)
        module = nn.Linear(2, 2)
        tuner = object.__new__(Tuner)
        tuner.args = SimpleNamespace(parallel_mode=None)
        tuner._move_model_to_device(module, torch.device("meta"))
        assert module.weight.device.type == device


class TestEnded:
    def test_by_a_kill_goes_on_to_the_same(
        self, data: Path, tiny: Path, tmp_path: Path, undisturbed: Path
    ) -> None:
        chosen, out = choices(dropout=0.2), tmp_path / "out"
        given = map(str, (KILLED, data, tiny, out, config_in(tmp_path, chosen), 3))
        killed = subprocess.run([sys.executable, *given], check=False, timeout=300)  # noqa: S603
        assert killed.returncode == -signal.SIGKILL
        assert not out.exists()
        steps: list[int] = []
        run(data, tiny, out, chosen, telling=lambda moment: steps.append(moment.done))
        assert steps == [2, 3, 4, 5, 6]
        assert_same(out, undisturbed)

    def test_by_a_full_disk_goes_on_when_there_is_room(
        self,
        data: Path,
        tiny: Path,
        tmp_path: Path,
        undisturbed: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        chosen, out = choices(dropout=0.2), tmp_path / "out"
        real, written = os.fsync, []

        def full(handle: int) -> None:
            written.append(handle)
            if len(written) > 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(handle)

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(BadSettings, match="disk is full"):
                tuned(data, tiny, out, chosen)
        steps: list[int] = []
        run(data, tiny, out, chosen, telling=lambda moment: steps.append(moment.done))
        assert steps[0] == 2
        assert_same(out, undisturbed)

    def test_by_a_loss_that_is_no_number_is_told(
        self, data: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = torch.optim.AdamW.step
        taken = []

        def step(self: torch.optim.AdamW, *given: object, **named: object) -> object:
            taken.append(self)
            if len(taken) == 4:
                self.param_groups[0]["params"][0].data.fill_(math.nan)
            return real(self, *given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr("torch.optim.AdamW.step", step)
        with pytest.raises(BadInput, match="diverged in step 5") as raised:
            tuned(data, tiny, tmp_path / "out", choices(keep_every=3, evaluate_every=6))
        assert "learning_rate" in raised.value.hint
        (kept,) = tmp_path.glob("*/state/checkpoints/*")
        assert kept.name == "step-00000003"


class TestRefused:
    def test_without_data(self, tiny: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"train.jsonl cannot be read"):
            tuned(tmp_path, tiny, tmp_path / "out", choices())

    def test_without_a_model(self, data: Path, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{}")
        with pytest.raises(BadInput, match="safetensors"):
            tuned(data, tmp_path, tmp_path / "out", choices())

    def test_on_a_quantised_model(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        config = json.loads((tiny / "config.json").read_text())
        for file in tiny.iterdir():
            (tmp_path / file.name).symlink_to(file)
        (tmp_path / "config.json").unlink()
        quantised = {"quantization_config": {"quant_method": "awq"}}
        (tmp_path / "config.json").write_text(json.dumps(config | quantised))
        with pytest.raises(BadInput, match=r"is quantised \(awq\)"):
            tuned(data, tmp_path, tmp_path / "out", choices())

    def test_with_data_for_another_tokenizer(self, tiny: Path, tmp_path: Path) -> None:
        data = data_in(tmp_path / "data")
        write_manifest(data, {"made_of": {"tokenizer": "another"}})
        with pytest.raises(BadInput, match="another tokenizer"):
            tuned(data, tiny, tmp_path / "out", choices())

    def test_with_data_that_were_altered(self, tiny: Path, tmp_path: Path) -> None:
        data = data_in(tmp_path / "data")
        write_manifest(data, {"made_of": {"tokenizer": checkpoint_in(tiny).tokenizer.sha256}})
        (data / "train.jsonl").write_text("")
        with pytest.raises(DamagedArtifact, match=r"altered: train.jsonl"):
            tuned(data, tiny, tmp_path / "out", choices())

    def test_when_the_best_cannot_be_told(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        with pytest.raises(BadSettings, match="no lists are judged"):
            tuned(data, tiny, tmp_path / "out", choices(best="sequential free NDCG@10"))
        with pytest.raises(BadSettings, match="no validation examples"):
            tuned(
                data,
                tiny,
                tmp_path / "out",
                choices(validation_examples=0),
                judge=nullcontext(lambda _module, _name: {}),
            )

    def test_with_nothing_to_validate_with(self, tiny: Path, tmp_path: Path) -> None:
        data = data_in(tmp_path / "data", validation=())
        with pytest.raises(BadInput, match=r"validation.jsonl holds no example") as raised:
            tuned(data, tiny, tmp_path / "out", choices())
        assert "validation_examples=0" in raised.value.hint

    def test_with_more_context_than_the_model_has(
        self, data: Path, tiny: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(BadSettings, match=r"context is 2049 tokens, and .* reads 2048"):
            tuned(data, tiny, tmp_path / "out", choices(context=2049))

    def test_on_weights_that_are_cut_short(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        model = shutil.copytree(tiny, tmp_path / "short")
        (model / "manifest.json").unlink()
        weights = model / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:100_000])
        with pytest.raises(BadInput, match="cannot be loaded"):
            tuned(data, model, tmp_path / "out", choices())

    def test_for_matrices_that_are_not_there(self, data: Path, tiny: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="No adapter fits"):
            tuned(data, tiny, tmp_path / "out", choices(matrices=["query"]))
