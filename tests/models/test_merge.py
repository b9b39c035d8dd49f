from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from models_tiny import tiny_checkpoint
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from models.llm.adapters import Lora, load_adapted, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.llm.parent import Merging, Parent
from models.merge import slerp as slerping
from models.merge.__main__ import app
from models.merge.adapter import merge_adapter
from models.merge.choices import SlerpChoices
from models.merge.slerp import merge_slerp
from models.steps.config import configured
from models.steps.output import figures_of
from models.steps.telling import Moment, silently
from service.engines.made_model import TOKENIZER_FILES
from service.errors import BadInput, BadSettings, DamagedArtifact
from service.modelfolder import read_manifest

LAYERS = 4


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("one") / "one-lm"
    return tiny_checkpoint(folder, cache_dir, num_hidden_layers=LAYERS)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("other") / "other-lm"
    return tiny_checkpoint(folder, cache_dir, seed=1, num_hidden_layers=LAYERS)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, one: Path) -> Path:
    """A LoRA on `one` that changes something."""
    parent = checkpoint_in(one)
    adapted = with_lora(load_model(parent), Lora(4, 2))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.2)
    folder = tmp_path_factory.mktemp("adapter") / "tuned"
    save_adapter(adapted, parent, folder)
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def blended(one: Path, other: Path, out: Path, **choices: object) -> dict[str, torch.Tensor]:
    chosen = SlerpChoices(**choices)  # type: ignore[arg-type]
    return weights(merge_slerp(Parent.named(one), Parent.named(other), chosen, out, silently))


def arc(a: torch.Tensor, b: torch.Tensor, t: float) -> torch.Tensor:
    """Shoemake's formula, over all of a tensor; a straight line where the two hardly differ."""
    v, w = a.double().flatten(), b.double().flatten()
    cosine = float(v @ w / (v.norm() * w.norm()))
    if abs(cosine) > 0.9995:
        return ((1 - t) * v + t * w).reshape(a.shape)
    angle = math.acos(cosine)
    shares = [math.sin((1 - t) * angle), math.sin(t * angle)]
    return ((shares[0] * v + shares[1] * w) / math.sin(angle)).reshape(a.shape)


def graded(values: list[float], layer: int) -> float:
    """Values spread over the layers, in between along straight lines."""
    place = layer / (LAYERS - 1) * (len(values) - 1)
    low = min(int(place), len(values) - 2)
    return values[low] + (place - low) * (values[low + 1] - values[low])


class TestSlerp:
    def test_lies_on_the_arc_layer_by_layer(self, one: Path, other: Path, tmp_path: Path) -> None:
        of = {"self_attn": [0.0, 0.5, 0.3, 0.7, 1.0], "mlp": [1.0, 0.2], "norm": 0.9}
        child = blended(one, other, tmp_path / "out", t=0.25, t_of=of)
        a, b = weights(one), weights(other)
        assert child.keys() == a.keys()
        for name, weight in child.items():
            if name.startswith("model.layers") and "norm" not in name:
                kind = "mlp" if "mlp" in name else "self_attn"
                t = graded(of[kind], int(name.split(".")[2]))  # type: ignore[arg-type]
            else:
                t = 0.9 if "norm" in name else 0.25
            wanted = arc(a[name], b[name], t)
            assert weight.dtype is torch.bfloat16
            # Half a step of bf16, which has 8 bits, beyond the transcription's own rounding.
            assert torch.allclose(weight.double(), wanted, rtol=2**-8, atol=1e-6), name

    @pytest.mark.parametrize("t", [0, 1])
    def test_at_its_ends_is_a_parent(self, one: Path, other: Path, tmp_path: Path, t: int) -> None:
        child = blended(one, other, tmp_path / "out", t=t)
        parent = weights((one, other)[t])
        assert all(torch.equal(child[name], parent[name]) for name in parent)

    def test_is_neither_parent_and_answers(self, one: Path, other: Path, tmp_path: Path) -> None:
        told: list[Moment] = []
        out = tmp_path / "out"
        merge_slerp(Parent.named(one), Parent.named(other), SlerpChoices(), out, told.append)
        figures = figures_of(out)
        for side in ("from_one", "from_other"):
            assert 0 < figures[side]["distance"] < 2
            assert 0 < figures[side]["cosine"] < 1
            # Fresh norms are all ones, in both parents.
            assert figures[side]["equal"] == 2 * LAYERS + 1
        assert {moment.stage for moment in told} == {
            "blend",
            "compare with one",
            "compare with other",
        }
        child = checkpoint_in(out)
        tokens = torch.tensor([child.tokenizer.encode("a lamp")])
        with torch.no_grad():
            said, before = (
                load_model(checkpoint_in(folder))(input_ids=tokens).logits for folder in (out, one)
            )
        assert torch.isfinite(said).all()
        assert not torch.equal(said, before)

    def test_is_a_plain_checkpoint_with_its_parents_tokenizer(
        self, one: Path, other: Path, tmp_path: Path
    ) -> None:
        blended(one, other, tmp_path / "out")
        files = {path.name for path in (tmp_path / "out").iterdir()}
        tokenizer = {name for name in TOKENIZER_FILES if (one / name).exists()}
        assert files == {"config.json", "model.safetensors", "manifest.json"} | tokenizer
        for name in tokenizer:
            assert (tmp_path / "out" / name).read_bytes() == (one / name).read_bytes()
        assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"
        manifest = read_manifest(tmp_path / "out")
        assert manifest["choices"]["t"] == 0.5
        assert manifest["made_of"].keys() == {"one", "other"}
        assert manifest["made_of"]["one"] != manifest["made_of"]["other"]

    def test_of_adapters_merges_them_first(self, one: Path, adapter: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        child = merge_slerp(
            Parent.named(adapter), Parent.named(one), SlerpChoices(t=1), out, silently
        )
        assert all(torch.equal(weights(child)[name], whole) for name, whole in weights(one).items())
        assert figures_of(child)["from_one"]["distance"] > 0
        assert "on" in read_manifest(child)["made_of"]["one"].split()

    def test_that_was_ended_keeps_what_it_merged(
        self, one: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(slerping, "slerp", ended)
            with pytest.raises(KeyboardInterrupt):
                blended(adapter, one, tmp_path / "out")
        (kept,) = tmp_path.glob(".out.making-*/state/one/model.safetensors")
        before = kept.stat().st_mtime_ns
        kept.rename(kept.with_name("seen"))
        kept.with_name("seen").rename(kept)
        seen: list[int] = []
        real = slerping.slerp

        def noting(*given: object) -> None:
            seen.append(kept.stat().st_mtime_ns)
            real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(slerping, "slerp", noting)
        blended(adapter, one, tmp_path / "out")
        assert seen == [before]
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


def ended(*_: object) -> None:
    raise KeyboardInterrupt


class TestWhatCannotBeBlended:
    def refused(self, one: Path, other: Path, told: str, out: Path) -> None:
        with pytest.raises(BadInput, match=told):
            merge_slerp(
                Parent.named(one), Parent.named(other), SlerpChoices(), out / "out", silently
            )
        assert not list(out.glob("*out*"))

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"num_hidden_layers": 1}, "layers"),
            ({"vocab_size": 49160}, "tokens in the vocabulary"),
            ({"hidden_size": 32}, "hidden units"),
            ({"num_attention_heads": 8, "head_dim": 16}, "attention heads"),
            ({"intermediate_size": 96}, r"mlp\.down_proj\.weight is \(64, 128\)"),
        ],
    )
    def test_other_shapes(
        self, one: Path, tmp_path: Path, cache_dir: Path, changes: dict[str, int], told: str
    ) -> None:
        shape = {"num_hidden_layers": LAYERS} | changes
        unlike = tiny_checkpoint(tmp_path / "unlike", cache_dir, **shape)
        self.refused(one, unlike, told, tmp_path)

    @pytest.mark.parametrize(
        ("facts", "told"),
        [
            ({"architectures": ["MistralForCausalLM"]}, "a MistralForCausalLM"),
            ({"quantization_config": {"quant_method": "awq"}}, r"is quantised \(awq\)"),
        ],
    )
    def test_other_kinds(
        self, one: Path, other: Path, tmp_path: Path, facts: dict[str, object], told: str
    ) -> None:
        unlike = shutil.copytree(other, tmp_path / "unlike")
        config = json.loads((unlike / "config.json").read_text())
        (unlike / "config.json").write_text(json.dumps(config | facts))
        self.refused(one, unlike, told, tmp_path)

    def test_models_that_see_as_well(self, one: Path, other: Path, tmp_path: Path) -> None:
        seeing = [shutil.copytree(folder, tmp_path / folder.name) for folder in (one, other)]
        for folder in seeing:
            config = json.loads((folder / "config.json").read_text())
            nested = {"text_config": {"num_hidden_layers": config.pop("num_hidden_layers")}}
            (folder / "config.json").write_text(json.dumps(config | nested))
        self.refused(*seeing, "does not say how many layers", tmp_path)

    def test_other_tokenizers(self, one: Path, other: Path, tmp_path: Path) -> None:
        unlike = shutil.copytree(other, tmp_path / "unlike")
        file = unlike / "tokenizer.json"
        file.write_text(file.read_text("utf-8") + "\n", "utf-8")
        self.refused(one, unlike, "tokenizers", tmp_path)

    def test_the_same_twice(self, one: Path, adapter: Path, tmp_path: Path) -> None:
        self.refused(one, shutil.copytree(one, tmp_path / "copy"), "same model", tmp_path)
        self.refused(adapter, adapter, "same model", tmp_path)

    def test_weights_that_are_not_finite(self, one: Path, other: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(other, tmp_path / "broken")
        (broken / "manifest.json").unlink()
        found = weights(broken)
        found["model.norm.weight"][0] = math.nan
        save_file(found, broken / "model.safetensors", {"format": "pt"})
        with pytest.raises(BadInput, match=r"model\.norm\.weight of the blend is not finite"):
            blended(one, broken, tmp_path / "out")
        assert [path.name for path in tmp_path.iterdir()] == ["broken"]

    def test_files_that_were_altered(self, one: Path, other: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(other, tmp_path / "broken")
        file = broken / "model.safetensors"
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        with pytest.raises(DamagedArtifact, match=r"altered: model\.safetensors") as raised:
            blended(one, broken, tmp_path / "out")
        assert "Copy" in raised.value.hint
        assert not (tmp_path / "out").exists()

    def test_files_that_are_cut_off(self, one: Path, other: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(other, tmp_path / "broken")
        file = broken / "model.safetensors"
        file.write_bytes(file.read_bytes()[:-100])
        self.refused(one, broken, "cannot be read", tmp_path)


class TestChoices:
    @pytest.mark.parametrize(
        "given", ["t=1.5", "t=-0.1", "t_of={mlp=[0, 2]}", "t_of={mlp=[1]}", "tt=1"]
    )
    def test_that_cannot_be_are_told(self, given: str) -> None:
        with pytest.raises(BadSettings):
            configured(SlerpChoices, None, [given])

    def test_come_from_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "merge.toml"
        file.write_text("t = 0.4\n[t_of]\nself_attn = [0, 0.5, 1]\nmlp = 0.7\n")
        choices = configured(SlerpChoices, file)
        assert choices.t_of == {"self_attn": [0, 0.5, 1], "mlp": 0.7}

    def test_for_tensors_that_there_are_none_of_are_told(
        self, one: Path, other: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(BadSettings, match="'attn_self'"):
            blended(one, other, tmp_path / "out", t_of={"attn_self": 0.1})


class TestAdapters:
    def test_merged_say_what_they_said(self, adapter: Path, tmp_path: Path) -> None:
        told: list[Moment] = []
        whole = checkpoint_in(
            merge_adapter(adapter, None, Merging(), tmp_path / "whole", told.append)
        )
        stages = {moment.stage: moment.done for moment in told}
        assert stages == {"load the parent": 1, "merge the adapter": 1, "write": 1}
        parent, live = load_adapted(adapter)
        tokens = torch.tensor([parent.tokenizer.encode("a lamp")])
        with torch.no_grad():
            said = [model(input_ids=tokens).logits for model in (live, load_model(whole))]
        assert torch.equal(*said)

    def test_on_a_quantised_model_are_told(self, adapter: Path, one: Path, tmp_path: Path) -> None:
        small = shutil.copytree(one, tmp_path / "small")
        config = json.loads((small / "config.json").read_text())
        config["quantization_config"] = {"quant_method": "bitsandbytes"}
        (small / "config.json").write_text(json.dumps(config))
        with pytest.raises(BadInput, match="bitsandbytes") as raised:
            merge_adapter(adapter, small, Merging(), tmp_path / "whole", silently)
        assert "before quantising" in raised.value.hint

    def test_that_are_none_are_told(self, one: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="holds no adapter"):
            merge_adapter(one, None, Merging(), tmp_path / "whole", silently)


class TestCommands:
    def run(self, *arguments: object) -> str:
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    def test_blend(self, one: Path, other: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        told = self.run(
            "slerp", "--one", one, "--other", other, "--out", out, "--set", "t=0.2"
        ).splitlines()
        assert told[0].startswith(str(out))
        assert told[1].startswith("from one: distance 0.")
        assert read_manifest(out)["choices"]["t"] == 0.2

    def test_merge_an_adapter(self, adapter: Path, one: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        moved = shutil.copytree(one, tmp_path / "moved")
        told = self.run("adapter", "--adapter", adapter, "--base", moved, "--out", out)
        assert told.startswith(f"{out}: ")
        exact = ("--out", tmp_path / "exact", "--set", "precision=float32")
        self.run("adapter", "--adapter", adapter, *exact)
        dtypes = [weights(folder)["model.norm.weight"].dtype for folder in (out, exact[1])]
        assert dtypes == [torch.bfloat16, torch.float32]

    def test_say_what_is_wrong(self, one: Path, tmp_path: Path) -> None:
        arguments = ["slerp", "--one", one, "--other", one, "--out", tmp_path / "out"]
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == 1
        assert "same model" in result.stderr
