from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from compressed_tensors.compressors.pack_quantized import pack_to_int32
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from models.llm.checkpoint import checkpoint_in
from models.llm.loading import load_model
from models.llm.tensors import INDEX, Tensors, write_tensors
from models.quantize.__main__ import app
from models.quantize.autoawq import AutoAwq, written
from models.quantize.choices import ReadChoices
from models.quantize.compressed import Compressed
from models.quantize.grouped import Grouped
from models.quantize.nibbles import INTERLEAVED, STRAIGHT, Order, packed, unpacked
from models.quantize.rewriting import read, write_autoawq
from models.steps.output import figures_of
from models.steps.telling import Moment, silently
from service.errors import BadInput

GROUP = 32
PLACES = {"AutoAWQ": INTERLEAVED, "straight": STRAIGHT}


def naive(row: list[int], order: Order) -> list[int]:
    """Bit by bit: the words that a row of numbers makes, as Python's own integers."""
    words = []
    for start in range(0, len(row), 8):
        bits = ["0"] * 32
        for place, neighbour in enumerate(order):
            for bit in range(4):
                if row[start + neighbour] >> bit & 1:
                    bits[31 - (4 * place + bit)] = "1"
        word = int("".join(bits), 2)
        words.append(word - 2**32 if word >= 2**31 else word)
    return words


eights = st.lists(st.integers(0, 15), min_size=8, max_size=8)
rows = st.integers(1, 3).flatmap(
    lambda many: st.lists(st.lists(eights, min_size=many, max_size=many), min_size=1, max_size=3)
)


class TestNibbles:
    @given(rows, st.sampled_from(sorted(PLACES)))
    def test_stand_where_they_should(self, drawn: list[list[list[int]]], name: str) -> None:
        order = PLACES[name]
        numbers = [[number for eight in row for number in eight] for row in drawn]
        words = packed(torch.tensor(numbers, dtype=torch.uint8), order)
        assert words.dtype is torch.int32
        assert words.tolist() == [naive(row, order) for row in numbers]
        assert unpacked(words, order).tolist() == numbers

    @given(rows)
    def test_straight_are_packed_as_compressed_tensors_does(
        self, drawn: list[list[list[int]]]
    ) -> None:
        numbers = torch.tensor([[n for eight in row for n in eight] for row in drawn])
        theirs = pack_to_int32((numbers - 8).to(torch.int8), 4)
        assert torch.equal(packed(numbers, STRAIGHT), theirs)


def grouped(outputs: int, inputs: int, seed: int = 0) -> Grouped:
    dice = torch.Generator().manual_seed(seed)
    groups = (outputs, inputs // GROUP)
    return Grouped(
        torch.randint(16, (outputs, inputs), generator=dice, dtype=torch.uint8),
        torch.randint(16, groups, generator=dice, dtype=torch.uint8),
        (torch.rand(groups, generator=dice) / 50 + 0.001).to(torch.bfloat16),
    )


def compressed(module: str, matrix: Grouped, *, zeros: bool) -> dict[str, torch.Tensor]:
    """As llm-compressor writes a matrix, packed by compressed-tensors' own packer."""
    numbers = (matrix.numbers.to(torch.int16) - 8).to(torch.int8)
    tensors = {
        f"{module}.weight_packed": pack_to_int32(numbers, 4),
        f"{module}.weight_scale": matrix.scales,
        f"{module}.weight_shape": torch.tensor(numbers.shape),
    }
    if zeros:
        middle = (matrix.zeros.to(torch.int16) - 8).to(torch.int8)
        tensors[f"{module}.weight_zero_point"] = pack_to_int32(middle, 4, packed_dim=0).contiguous()
    return tensors


HOW = {
    "quant_method": "compressed-tensors",
    "format": "pack-quantized",
    "ignore": ["lm_head"],
    "config_groups": {
        "group_0": {
            "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": GROUP}
        }
    },
}


@pytest.fixture(scope="module")
def small(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with every matrix in 4 bits of random numbers, as llm-compressor writes it."""
    folder = tmp_path_factory.mktemp("small") / "small-lm"
    folder.mkdir()
    for path in tiny.iterdir():
        if path.suffix != ".safetensors" and path.name != "manifest.json":
            (folder / path.name).write_bytes(path.read_bytes())
    tensors: dict[str, torch.Tensor] = {}
    for name, weight in load_file(tiny / "model.safetensors").items():
        if name.endswith("_proj.weight"):
            module = name.removesuffix(".weight")
            tensors |= compressed(module, grouped(*weight.shape, len(tensors)), zeros=True)
        else:
            tensors[name] = weight
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((tiny / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": HOW}))
    return folder


def test_a_matrix_is_worth_its_steps_times_its_scales() -> None:
    matrix = grouped(8, 2 * GROUP)
    plain = matrix.plain(torch.float32)
    for output in range(8):
        for place in range(2 * GROUP):
            steps = int(matrix.numbers[output, place]) - int(matrix.zeros[output, place // GROUP])
            assert plain[output, place] == steps * matrix.scales[output, place // GROUP].float()


class TestLayouts:
    @pytest.mark.parametrize("zeros", [True, False])
    def test_of_llm_compressor_give_the_same_matrix(self, tmp_path: Path, zeros: bool) -> None:
        matrix = grouped(16, 4 * GROUP)
        save_file(compressed("m", matrix, zeros=zeros), tmp_path / "model.safetensors")
        with Tensors(tmp_path) as tensors:
            found = Compressed().read(tensors, "m")
        assert torch.equal(found.numbers, matrix.numbers)
        assert torch.equal(found.zeros, matrix.zeros if zeros else torch.full_like(found.zeros, 8))
        assert torch.equal(found.scales, matrix.scales)

    def test_of_autoawq_give_the_same_matrix(self, tmp_path: Path) -> None:
        matrix = grouped(16, 4 * GROUP)
        tensors = {name: tensor.contiguous() for name, tensor in written("m", matrix)}
        assert {name: (one.dtype, tuple(one.shape)) for name, one in tensors.items()} == {
            "m.qweight": (torch.int32, (4 * GROUP, 2)),
            "m.qzeros": (torch.int32, (4, 2)),
            "m.scales": (torch.float16, (4, 16)),
        }
        first = matrix.numbers[:8, 0].tolist()
        assert tensors["m.qweight"][0, 0] == naive(first, INTERLEAVED)[0]
        save_file(tensors, tmp_path / "model.safetensors")
        with Tensors(tmp_path) as found:
            again = AutoAwq().read(found, "m")
        assert torch.equal(again.plain(torch.float32), matrix.plain(torch.float32))

    @pytest.mark.parametrize(
        "how",
        [
            {"quant_method": "gptq"},
            {"quant_method": "awq", "version": "gemv", "bits": 4},
            {"quant_method": "awq", "version": "gemm", "bits": 8},
            HOW | {"format": "int-quantized"},
            HOW | {"config_groups": {"a": {"weights": {"num_bits": 8, "type": "int"}}}},
            HOW
            | {
                "config_groups": {
                    "a": HOW["config_groups"]["group_0"]  # type: ignore[index]
                    | {"input_activations": {"num_bits": 8}}
                }
            },
        ],
    )
    def test_that_are_not_read_are_told(
        self, small: Path, tmp_path: Path, how: dict[str, object]
    ) -> None:
        odd = tmp_path / "odd"
        odd.mkdir()
        for path in small.iterdir():
            (odd / path.name).symlink_to(path)
        (odd / "config.json").unlink()
        config = json.loads((small / "config.json").read_text()) | {"quantization_config": how}
        (odd / "config.json").write_text(json.dumps(config))
        with pytest.raises(BadInput, match="in a way that is not read here"):
            read(odd, ReadChoices(), tmp_path / "out", silently)


class TestReading:
    def test_both_layouts_gives_one_model(self, small: Path, tmp_path: Path) -> None:
        relaid = tmp_path / "relaid"
        relaid.mkdir()
        write_autoawq(checkpoint_in(small), GROUP, relaid, silently)
        assert checkpoint_in(relaid).quantised == "awq"
        told: list[Moment] = []
        out = [
            read(folder, ReadChoices(precision="float32"), tmp_path / f"plain-{n}", told.append)
            for n, folder in enumerate((small, relaid))
        ]
        ours, theirs = (load_file(folder / "model.safetensors") for folder in out)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
        matrix = ours["model.layers.0.self_attn.q_proj.weight"]
        assert matrix.dtype is torch.float32
        with Tensors(small) as tensors:
            wanted = Compressed().read(tensors, "model.layers.0.self_attn.q_proj")
        assert torch.equal(matrix, wanted.plain(torch.float32))
        assert (told[0].done, told[0].total) == (1, 14)
        assert figures_of(out[1])["matrices"] == 14

    def test_gives_a_model_that_loads_and_answers(self, small: Path, tmp_path: Path) -> None:
        out = tmp_path / "plain"
        result = CliRunner().invoke(app, ["read", "--model", str(small), "--out", str(out)])
        assert result.exit_code == 0, result.output
        assert "14 matrices" in result.stdout
        plain = checkpoint_in(out)
        assert plain.quantised is None
        assert plain.config["dtype"] == "bfloat16"
        assert plain.tokenizer.sha256 == checkpoint_in(small).tokenizer.sha256
        model = load_model(plain, "float32")
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([plain.tokenizer.encode("a lamp")])).logits
        assert torch.isfinite(logits).all()

    def test_what_is_plain_is_told(self, tiny: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="is not quantised"):
            read(tiny, ReadChoices(), tmp_path / "out", silently)

    def test_what_lacks_a_part_is_told(self, small: Path, tmp_path: Path) -> None:
        odd = tmp_path / "odd"
        odd.mkdir()
        for path in small.iterdir():
            (odd / path.name).write_bytes(path.read_bytes())
        tensors = load_file(odd / "model.safetensors")
        del tensors["model.layers.1.mlp.up_proj.weight_scale"]
        save_file(tensors, odd / "model.safetensors", {"format": "pt"})
        with pytest.raises(BadInput, match=r"no tensor .*1\.mlp\.up_proj\.weight_scale"):
            read(odd, ReadChoices(), tmp_path / "out", silently)


class TestTensors:
    def test_are_written_into_as_many_files_as_it_takes(self, tmp_path: Path) -> None:
        tensors = {f"t{n}": torch.full((4, n + 1), float(n)) for n in range(6)}
        write_tensors(tmp_path, tensors.items(), shard=100)
        index = json.loads((tmp_path / INDEX).read_text())["weight_map"]
        assert index.keys() == tensors.keys()
        assert len(set(index.values())) > 1
        assert {path.name for path in tmp_path.glob("*.safetensors")} == set(index.values())
        with Tensors(tmp_path) as found:
            assert list(found) == list(tensors)
            assert all(torch.equal(found[name], tensors[name]) for name in tensors)
            assert found.shape("t3") == (4, 4)

    def test_are_written_into_one_file_where_they_fit(self, tmp_path: Path) -> None:
        write_tensors(tmp_path, [("a", torch.ones(3, 2).T)])
        assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
