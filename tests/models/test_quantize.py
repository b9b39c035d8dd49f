from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest
import torch
from models_tiny import tiny_checkpoint
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from models.llm.adapters import Lora, save_adapter, with_lora
from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.tokens import Tokens
from models.quantize import awq as awqing
from models.quantize.__main__ import app
from models.quantize.awq import make_awq
from models.quantize.calibration import drawn
from models.quantize.choices import AwqChoices, ReadChoices
from models.quantize.divergence import divergence
from models.quantize.gpu import has_room
from models.quantize.rewriting import read
from models.quantize.shapes import group_of, matrices
from models.sft.data.example import Example, Wanted, write_examples
from models.steps.output import figures_of
from models.steps.telling import Moment, silently
from service.domain import Intent
from service.engines.made_model import TOKENIZER_FILES
from service.errors import BadInput, BadSettings, DamagedArtifact
from service.modelfolder import read_manifest, write_manifest
from service.prompts.recommend import recommend_prompt

FEW = {"examples": 4, "held": 2, "tokens": 100, "grid": 3}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight examples of some 150 tokens each."""
    file = tmp_path_factory.mktemp("prompts") / "examples.jsonl"
    things = ["Lamp", "Chair", "Hat", "Kettle", "Rug"]
    write_examples(
        file,
        (
            Example.of_list(
                "i0",
                recommend_prompt([f"Red {things[n % 5]} {n}"], Intent(), 2),
                (f"Blue {things[(n + 1) % 5]}", f"Old {things[(n + 2) % 5]}"),
                Wanted(2, ("a",), "b"),
            )
            for n in range(8)
        ),
    )
    return file


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tiny: Path, prompts: Path) -> Path:
    """The tiny model, quantised."""
    out = tmp_path_factory.mktemp("small") / "small-lm"
    return make_awq(Parent.named(tiny), prompts, AwqChoices(**FEW), out, silently)


def likeliest(folder: Path, tokens: list[int]) -> torch.Tensor:
    with torch.no_grad():
        model = load_model(checkpoint_in(folder), "float32")
        logits: torch.Tensor = model(input_ids=torch.tensor([tokens])).logits[0]
    return logits


class TestAwq:
    def test_is_smaller_and_says_nearly_the_same(self, small: Path) -> None:
        figures = figures_of(small)
        assert figures["bytes"] < figures["bytes_before"]
        assert figures["group"] == 64
        assert figures["matrices"] == 14
        assert 0 < figures["kl_mean"] <= figures["kl_max"] < 0.1
        assert figures["perplexity_after"] == pytest.approx(figures["perplexity_before"], rel=0.05)
        assert figures["agreement"] > 0.5
        assert figures["places"] > 20

    def test_is_described(self, small: Path, tiny: Path) -> None:
        checkpoint = checkpoint_in(small)
        assert checkpoint.quantised == "compressed-tensors"
        for name in TOKENIZER_FILES:
            if (tiny / name).exists():
                assert (small / name).read_bytes() == (tiny / name).read_bytes()
        manifest = read_manifest(small)
        assert manifest["made_of"].keys() == {"model", "prompts"}
        assert manifest["choices"]["examples"] == 4

    def test_reads_back_near_the_model_it_was(
        self, small: Path, tiny: Path, tmp_path: Path
    ) -> None:
        plain = read(small, ReadChoices(precision="float32"), tmp_path / "plain", silently)
        tokens = checkpoint_in(tiny).tokenizer.encode("a red lamp and a blue chair")
        before, after = likeliest(tiny, tokens), likeliest(plain, tokens)
        assert not torch.equal(before, after)
        assert torch.cosine_similarity(before, after).min() > 0.98

    def test_in_autoawqs_layout_is_the_same_model(
        self, small: Path, tiny: Path, prompts: Path, tmp_path: Path
    ) -> None:
        choices = AwqChoices(**FEW, layout="autoawq")
        told: list[Moment] = []
        other = make_awq(Parent.named(tiny), prompts, choices, tmp_path / "awq", told.append)
        how = checkpoint_in(other).config["quantization_config"]
        assert (how["quant_method"], how["version"], how["group_size"]) == ("awq", "gemm", 64)
        assert figures_of(other)["kl_mean"] == figures_of(small)["kl_mean"]
        plain = [
            read(folder, ReadChoices(), tmp_path / name, silently)
            for folder, name in ((small, "one"), (other, "two"))
        ]
        tokens = list(range(100, 120))
        assert torch.equal(*(likeliest(folder, tokens) for folder in plain))
        last = {moment.stage: (moment.done, moment.total) for moment in told}
        assert last["calibrate"] == (2, 2)
        assert last["matrices"] == (14, 14)

    def test_has_the_figures_of_the_layout_it_is_written_in(
        self,
        small: Path,
        tiny: Path,
        prompts: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """AutoAWQ's scales are float16, which has no numbers as small as bfloat16 has."""

        def save(_model: object, _parent: object, folder: Path) -> None:
            shutil.copytree(small, folder, dirs_exist_ok=True)
            (folder / "manifest.json").unlink()
            tensors = load_file(folder / "model.safetensors")
            for name, scales in tensors.items():
                if name.endswith("v_proj.weight_scale"):
                    tensors[name] = scales * 2**-20
                if name.endswith("o_proj.weight_scale"):
                    tensors[name] = scales * 2**20
            save_file(tensors, folder / "model.safetensors", {"format": "pt"})

        monkeypatch.setattr(awqing, "quantise", lambda *_: None)
        monkeypatch.setattr(awqing, "save", save)
        parted = [
            figures_of(
                make_awq(Parent.named(tiny), prompts, choices, tmp_path / choices.layout, silently)
            )["kl_mean"]
            for choices in (AwqChoices(**FEW), AwqChoices(**FEW, layout="autoawq"))
        ]
        assert parted[0] == figures_of(small)["kl_mean"]
        assert parted[1] > 2 * parted[0]

    def test_that_was_ended_does_not_calibrate_again(
        self, tiny: Path, prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parent = checkpoint_in(tiny)
        adapted = with_lora(load_model(parent), Lora(4, 2))
        save_adapter(adapted, parent, tmp_path / "adapter")
        model = Parent.named(tmp_path / "adapter")

        def ended(*_: object) -> None:
            raise KeyboardInterrupt

        out, choices = tmp_path / "out", AwqChoices(**FEW, symmetric=True)
        with monkeypatch.context() as patch:
            patch.setattr(awqing, "divergence", ended)
            with pytest.raises(KeyboardInterrupt):
                make_awq(model, prompts, choices, out, silently)
        assert not out.exists()
        monkeypatch.setattr(awqing, "quantise", ended)
        figures = figures_of(make_awq(model, prompts, choices, out, silently))
        assert figures["bytes"] < figures["bytes_before"]
        assert {path.name for path in tmp_path.iterdir()} == {"adapter", "out"}

    @pytest.mark.parametrize("links", [True, False])
    def test_takes_over_the_weights_of_the_state(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
    ) -> None:
        aside, work = tmp_path / "aside", tmp_path / "work"
        for folder in (aside, work):
            folder.mkdir()
            (folder / "weights").write_text(folder.name)
        (aside / "manifest.json").write_text("{}")
        if not links:

            def none(*_: object) -> None:
                raise OSError(errno.ENOTSUP, "Operation not supported")

            monkeypatch.setattr(Path, "hardlink_to", none)
        awqing._take_over(aside, work)
        assert (work / "weights").read_text() == "aside"
        assert (work / "weights").samefile(aside / "weights") is links
        assert not (work / "manifest.json").exists()

    def test_is_a_command(self, tiny: Path, prompts: Path, tmp_path: Path) -> None:
        arguments = ["awq", "--model", tiny, "--prompts", prompts, "--out", tmp_path / "out"]
        given = [text for name, value in FEW.items() for text in ("--set", f"{name}={value}")]
        result = CliRunner().invoke(app, [*map(str, arguments), *given])
        assert result.exit_code == 0, result.output
        first, second = result.stdout.splitlines()
        assert first.endswith("groups of 64")
        assert second.startswith("perplexity ")


class TestWhatCannotBeQuantised:
    def test_a_quantised_model(self, small: Path, prompts: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="is quantised"):
            make_awq(Parent.named(small), prompts, AwqChoices(**FEW), tmp_path / "o", silently)

    def test_an_unknown_kind(self, tiny: Path, prompts: Path, tmp_path: Path) -> None:
        strange = shutil.copytree(tiny, tmp_path / "strange")
        config = json.loads((strange / "config.json").read_text())
        (strange / "config.json").write_text(json.dumps(config | {"model_type": "unheard-of"}))
        with pytest.raises(BadInput, match="cannot be loaded"):
            make_awq(Parent.named(strange), prompts, AwqChoices(**FEW), tmp_path / "o", silently)

    def test_a_model_that_says_nothing(
        self, tiny: Path, prompts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = shutil.copytree(tiny, tmp_path / "broken")
        (broken / "manifest.json").unlink()
        weights = load_file(broken / "model.safetensors")
        weights["model.layers.0.mlp.up_proj.weight"][0, 0] = float("nan")
        save_file(weights, broken / "model.safetensors", {"format": "pt"})

        def calibrate(*_: object) -> None:
            raise AssertionError

        monkeypatch.setattr(awqing, "quantise", calibrate)
        with pytest.raises(BadInput, match="broken finds scores that are no numbers"):
            make_awq(Parent.named(broken), prompts, AwqChoices(**FEW), tmp_path / "o", silently)
        assert [path.name for path in tmp_path.iterdir()] == ["broken"]

    def test_nothing(self, tiny: Path) -> None:
        with pytest.raises(BadSettings, match="nothing to quantise"):
            matrices(checkpoint_in(tiny), ["re:.*"])

    def test_groups_that_leave_a_rest(self, tiny: Path, tmp_path: Path, cache_dir: Path) -> None:
        shapes = matrices(checkpoint_in(tiny), ["lm_head"])
        assert len(shapes) == 14
        assert group_of(shapes, AwqChoices()) == 64
        assert group_of(shapes, AwqChoices(group=32)) == 32
        with pytest.raises(BadSettings, match="groups of 128 do not divide the 64 inputs"):
            group_of(shapes, AwqChoices(group=128))
        odd = tiny_checkpoint(tmp_path / "odd", cache_dir, hidden_size=80, head_dim=20)
        with pytest.raises(BadSettings, match="groups of 32 do not divide the 80 inputs"):
            group_of(matrices(checkpoint_in(odd), ["lm_head"]), AwqChoices())

    @pytest.mark.parametrize(
        ("choices", "told"),
        [
            ({"examples": 7}, "8 of at most 2048 tokens, and 0 longer ones; 9 are needed"),
            ({"context": 50}, "0 of at most 50 tokens, and 8 longer ones; 6 are needed"),
            ({"tokens": 5000}, "tokens; 5000 are needed"),
        ],
    )
    def test_with_too_few_examples(
        self, tiny: Path, prompts: Path, tmp_path: Path, choices: dict[str, int], told: str
    ) -> None:
        chosen = AwqChoices(**(FEW | choices))
        with pytest.raises(BadInput, match=told):
            make_awq(Parent.named(tiny), prompts, chosen, tmp_path / "out", silently)
        assert not list(tmp_path.iterdir())

    def test_with_examples_for_another_tokenizer(
        self, tiny: Path, prompts: Path, tmp_path: Path
    ) -> None:
        file = Path(shutil.copy(prompts, tmp_path))
        tokenizer = checkpoint_in(tiny).tokenizer
        write_manifest(tmp_path, {"made_of": {"tokenizer": tokenizer.sha256}})
        assert drawn(file, tokenizer, AwqChoices(**FEW)).tokens > 100
        write_manifest(tmp_path, {"made_of": {"tokenizer": "another"}})
        with pytest.raises(BadInput, match="another tokenizer"):
            drawn(file, tokenizer, AwqChoices(**FEW))
        (tmp_path / "manifest.json").write_text("{")
        with pytest.raises(DamagedArtifact) as raised:
            drawn(file, tokenizer, AwqChoices(**FEW))
        assert "Delete" not in raised.value.hint

    def test_whose_model_was_altered(self, tiny: Path, prompts: Path, tmp_path: Path) -> None:
        altered = shutil.copytree(tiny, tmp_path / "altered")
        (altered / "generation_config.json").write_text("{}")
        with pytest.raises(DamagedArtifact, match="generation_config"):
            make_awq(Parent.named(altered), prompts, AwqChoices(**FEW), tmp_path / "o", silently)


@pytest.mark.parametrize(("free", "where"), [(10**9, True), (1000, False)])
def test_a_model_is_asked_on_a_gpu_that_holds_it(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, free: int, where: bool
) -> None:
    model = load_model(checkpoint_in(tiny))
    assert not has_room(model)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 10**12))
    assert has_room(model) is where


def test_what_is_drawn_follows_the_seed(tiny: Path, prompts: Path) -> None:
    tokenizer = checkpoint_in(tiny).tokenizer
    one, again, other = (
        drawn(prompts, tokenizer, AwqChoices(**FEW, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == again != other
    assert not set(one.seen) & set(one.held)
    assert tokenizer.decode(one.seen[0].prompt).endswith("<|im_start|>assistant\n")
    assert tokenizer.decode(one.seen[0].answer).startswith("1. Blue ")


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_divergence_from_what_says_nothing_is_none(score: float) -> None:
    before = torch.zeros(1, 2).log_softmax(-1)
    after = torch.tensor([[score, 0.0]])
    with pytest.raises(BadInput, match="The quantised model finds scores that are no numbers"):
        divergence([before], iter([after]), [Tokens((5,), (0,))])


def test_divergence_is_counted_by_hand() -> None:
    held = [Tokens((5,), (0, 1))]
    before = [torch.tensor([[0.5, 0.5], [0.25, 0.75]]).log()]
    after = torch.tensor([[0.25, 0.75], [0.25, 0.75]]).log()
    found = divergence(before, iter([after]), held)
    first = 0.5 * torch.tensor(2.0).log() + 0.5 * torch.tensor(2 / 3).log()
    assert found.kl_max == pytest.approx(float(first))
    assert found.kl_mean == pytest.approx(float(first) / 2)
    assert found.perplexity_before == pytest.approx((0.5 * 0.75) ** -0.5)
    assert found.perplexity_after == pytest.approx((0.25 * 0.75) ** -0.5)
    assert found.agreement == 0.5
    assert found.places == 2
