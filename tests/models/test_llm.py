from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from models_tiny import tiny_checkpoint
from safetensors.torch import load_file, save_file

from models.llm.adapters import (
    STANDS_ON,
    Lora,
    load_adapted,
    merged,
    parent_of,
    save_adapter,
    under,
    with_lora,
)
from models.llm.checkpoint import (
    checkpoint_in,
    is_adapter,
    refuse_other_tokenizer,
    weight_files,
)
from models.llm.loading import load_model, save_model
from models.llm.parent import Parent
from models.llm.tensors import Tensors, weight_bytes, write_tensors
from models.llm.tokens import list_tokens, prompt_tokens, text_tokens
from models.steps.digest import digest_of
from models.steps.telling import silently
from service.domain import Intent
from service.engines.weight_parts import INDEX
from service.errors import BadInput
from service.modelfolder import write_manifest
from service.prompts.recommend import recommend_prompt

PICKLED = "adapter_model.bin"


def said(model: torch.nn.Module, tokens: list[int]) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=torch.tensor([tokens])).logits[0, -1].float()
    return logits


class TestCheckpoints:
    def test_are_described(self, tiny: Path) -> None:
        found = checkpoint_in(tiny)
        assert found.architecture == "LlamaForCausalLM"
        assert found.name == "tiny-lm"
        assert found.quantised is None
        assert not is_adapter(tiny)

    def test_are_only_read_as_safetensors(self, tiny: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny, tmp_path / "pickled")
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        with pytest.raises(BadInput, match="safetensors"):
            checkpoint_in(folder)

    def test_are_only_read_by_their_own_names(self, tiny: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny, tmp_path / "mixed")
        (folder / "model.safetensors").rename(folder / "consolidated.safetensors")
        (folder / "pytorch_model.bin").write_bytes(b"pickled")
        with pytest.raises(BadInput, match=r"neither model\.safetensors"):
            checkpoint_in(folder)

    @pytest.mark.parametrize("part", ["pytorch_model.bin", "../model.safetensors"])
    def test_are_not_read_from_whatever_an_index_names(
        self, tiny: Path, tmp_path: Path, part: str
    ) -> None:
        folder = shutil.copytree(tiny, tmp_path / "named")
        (folder / "model.safetensors").rename(folder / part)
        (folder / INDEX).write_text(json.dumps({"weight_map": {"lm_head.weight": part}}))
        with pytest.raises(BadInput, match="which is no safetensors file there"):
            checkpoint_in(folder)

    @pytest.mark.parametrize(
        "index", ["[]", "{}", '{"weight_map": []}', pytest.param("[" * 100_000, id="deep")]
    )
    def test_whose_index_says_nothing_are_told(self, tmp_path: Path, index: str) -> None:
        (tmp_path / INDEX).write_text(index)
        with pytest.raises(BadInput, match=r"says of no file|cannot be read"):
            weight_files(tmp_path)

    def test_are_read_from_the_files_of_their_index_alone(self, tmp_path: Path) -> None:
        write_tensors(tmp_path, [("a", torch.ones(30)), ("b", torch.ones(30))], shard=100)
        size = weight_bytes(tmp_path)
        save_file({"a": torch.zeros(30), "c": torch.zeros(30)}, tmp_path / "twin.safetensors")
        assert weight_bytes(tmp_path) == size
        with Tensors(tmp_path) as tensors:
            assert list(tensors) == ["a", "b"]
            assert tensors["a"].sum() == 30
        (tmp_path / "model-00002.safetensors").unlink()
        with pytest.raises(BadInput, match=r"lacks model-00002\.safetensors"):
            Tensors(tmp_path)

    def test_that_are_none_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"no config\.json"):
            checkpoint_in(tmp_path)

    def test_are_written_as_they_were_read(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        model = load_model(parent)
        save_model(model, parent, tmp_path / "copy")
        copy = checkpoint_in(tmp_path / "copy")
        refuse_other_tokenizer(parent, copy)
        tokens = parent.tokenizer.encode("a lamp")
        assert torch.equal(said(model, tokens), said(load_model(copy), tokens))

    def test_cut_short_are_told(self, tiny: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny, tmp_path / "short")
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:100_000])
        with pytest.raises(BadInput, match=f"{folder} cannot be loaded"):
            load_model(checkpoint_in(folder))

    def test_that_lack_tensors_are_told(self, tiny: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny, tmp_path / "lacking")
        weights = load_file(folder / "model.safetensors")
        del weights["model.layers.1.mlp.up_proj.weight"]
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
        with pytest.raises(BadInput, match=r"1 tensors are missing, such as .*layers\.1\.mlp"):
            load_model(checkpoint_in(folder))

    @pytest.mark.parametrize("kind", ["unheard-of", None])
    def test_of_unknown_kinds_are_told(self, tiny: Path, tmp_path: Path, kind: str | None) -> None:
        folder = shutil.copytree(tiny, tmp_path / "strange")
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"model_type": kind}))
        with pytest.raises(BadInput, match="cannot be loaded"):
            load_model(checkpoint_in(folder))

    @pytest.mark.parametrize(
        ("facts", "context"),
        [
            ({}, 2048),
            ({"max_position_embeddings": None}, None),
            ({"text_config": {"max_position_embeddings": 512}}, 512),
        ],
    )
    def test_say_how_much_they_read(
        self, tiny: Path, facts: dict[str, object], context: int | None
    ) -> None:
        found = checkpoint_in(tiny)
        assert replace(found, config=found.config | facts).context == context

    def test_with_other_tokenizers_are_told(self, tiny: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny, tmp_path / "other")
        file = folder / "tokenizer.json"
        file.write_text(file.read_text("utf-8") + "\n", "utf-8")
        with pytest.raises(BadInput, match="tokenizers of"):
            refuse_other_tokenizer(checkpoint_in(tiny), checkpoint_in(folder))


class TestAdapters:
    def test_change_nothing_until_they_are_trained(self, tiny: Path) -> None:
        parent = checkpoint_in(tiny)
        tokens = parent.tokenizer.encode("a lamp")
        adapted = with_lora(load_model(parent), Lora(4, 2))
        assert torch.equal(said(adapted, tokens), said(load_model(parent), tokens))
        trained = [name for name, one in adapted.named_parameters() if one.requires_grad]
        assert trained
        assert all("lora_" in name for name in trained)

    def test_say_the_same_when_read_and_merged(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        adapted = with_lora(load_model(parent, "float32"), Lora(4, 2))
        with torch.no_grad():
            for name, one in adapted.named_parameters():
                if "lora_B" in name:
                    one.normal_(std=0.05)
        save_adapter(adapted, parent, tmp_path / "adapter")
        assert is_adapter(tmp_path / "adapter")
        assert parent_of(tmp_path / "adapter").folder == parent.folder
        tokens = parent.tokenizer.encode("a lamp")
        wanted = said(adapted, tokens)
        assert not torch.allclose(wanted, said(load_model(parent, "float32"), tokens), atol=1e-3)
        _, whole = load_adapted(tmp_path / "adapter", precision="float32")
        assert torch.allclose(said(whole, tokens), wanted, atol=1e-4)
        folder = tmp_path / "adapter"
        again = merged(under(load_model(parent, "float32"), folder), folder)
        assert torch.allclose(said(again, tokens), wanted, atol=1e-4)

    @pytest.mark.parametrize("fault", ["weight", "alpha", "parent"])
    def test_that_come_to_nothing_are_told(self, tiny: Path, tmp_path: Path, fault: str) -> None:
        base = shutil.copytree(tiny, tmp_path / "base")
        parent, folder = checkpoint_in(base), tmp_path / "adapter"
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, folder)
        if fault == "alpha":
            config = json.loads((folder / "adapter_config.json").read_text())
            (folder / "adapter_config.json").write_text(
                json.dumps(config | {"lora_alpha": math.nan})
            )
        else:
            file = {
                "weight": folder / "adapter_model.safetensors",
                "parent": base / "model.safetensors",
            }[fault]
            tensors = load_file(file)
            next(one for one in tensors.values() if one.ndim == 2)[0, 0] = math.nan
            save_file(tensors, file, {"format": "pt"})
            (base / "manifest.json").unlink()
        with pytest.raises(BadInput, match=r"With the adapter in .* is not finite") as raised:
            load_adapted(folder)
        assert "lora_alpha" in raised.value.hint
        with pytest.raises(BadInput, match="is not finite"):
            Parent.named(folder).whole(tmp_path / "whole", silently)
        assert not list(tmp_path.glob("*whole*"))

    def test_that_contradict_themselves_are_told(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, tmp_path)
        file = tmp_path / "adapter_config.json"
        config = json.loads(file.read_text())
        file.write_text(json.dumps(config | {"r": 8}))
        with pytest.raises(BadInput, match=r"says that r is 8, and .* is of rank 4") as raised:
            load_adapted(tmp_path)
        assert "adapter_config.json" in raised.value.hint
        # Where each matrix may have a rank of its own.
        file.write_text(json.dumps(config | {"rank_pattern": {"q_proj": 8}}))
        with pytest.raises(BadInput, match="does not fit the model: size mismatch for"):
            load_adapted(tmp_path)
        # Where a matrix may have as many ranks as there are experts: libraries say what is wrong.
        file.write_text(json.dumps(config | {"r": 8, "target_parameters": ["mlp.experts"]}))
        with pytest.raises(BadInput) as other:
            load_adapted(tmp_path)
        assert "says that r is 8" not in other.value.message

    def test_on_no_such_matrix_are_told(self, tiny: Path) -> None:
        with pytest.raises(BadInput, match="No adapter fits"):
            with_lora(load_model(checkpoint_in(tiny)), Lora(matrices=("w_nothing",)))

    def test_are_only_read_as_safetensors(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, tmp_path)
        torch.save(load_file(tmp_path / "adapter_model.safetensors"), tmp_path / PICKLED)
        (tmp_path / "adapter_model.safetensors").unlink()
        with pytest.raises(BadInput, match="no weights in safetensors"):
            parent_of(tmp_path)
        with pytest.raises(BadInput, match="no weights in safetensors"):
            under(load_model(parent), tmp_path)

    def test_for_another_model_are_told(self, tiny: Path, tmp_path: Path, cache_dir: Path) -> None:
        parent = checkpoint_in(tiny)
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, tmp_path / "adapter")
        wide = tiny_checkpoint(tmp_path / "wide", cache_dir, hidden_size=96)
        with pytest.raises(BadInput, match="does not fit"):
            load_adapted(tmp_path / "adapter", wide)
        with pytest.raises(BadInput, match="is not at"):
            parent_of(tmp_path / "adapter", tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("layers", "matrices", "why"),
        [
            (1, "all-linear", "has no place for 14 tensors"),
            (3, "all-linear", "is of 2 layers, and the model has 3"),
            (1, ("q_proj",), "has no place for 2 tensors"),
            (3, ("q_proj",), "does not bring 2 tensors"),
        ],
    )
    def test_for_another_depth_are_told(
        self,
        tiny: Path,
        tmp_path: Path,
        cache_dir: Path,
        layers: int,
        matrices: str | tuple[str, ...],
        why: str,
    ) -> None:
        parent, shape = checkpoint_in(tiny), Lora(4, 2, matrices=matrices)
        save_adapter(with_lora(load_model(parent), shape), parent, tmp_path / "adapter")
        other = tiny_checkpoint(tmp_path / "other", cache_dir, num_hidden_layers=layers)
        with pytest.raises(BadInput, match=f"does not fit .* {why}") as raised:
            load_adapted(tmp_path / "adapter", other)
        assert "--base" in raised.value.hint

    def test_that_were_made_on_other_weights_are_told(
        self, tiny: Path, tmp_path: Path, cache_dir: Path
    ) -> None:
        parent, folder = checkpoint_in(tiny), tmp_path / "adapter"
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, folder)
        write_manifest(folder, {"made_of": {"model": digest_of(tiny)}})
        assert parent_of(folder).folder == parent.folder
        other = tiny_checkpoint(tmp_path / "other", cache_dir, seed=1)
        with pytest.raises(BadInput, match="was made on another model"):
            parent_of(folder, other)
        (other / "manifest.json").unlink()
        assert parent_of(folder, other).folder == other

    def test_that_stand_on_what_was_merged_for_them_know_no_other(
        self, tiny: Path, tmp_path: Path, cache_dir: Path
    ) -> None:
        start = tiny_checkpoint(tmp_path / "rl-start", cache_dir, seed=1)
        parent, folder = checkpoint_in(start), tmp_path / "rl"
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, folder)
        made_of = {"adapter": "that of the first", "parent": digest_of(tiny)}
        figures = {STANDS_ON: digest_of(start)}
        write_manifest(folder, {"made_of": made_of, "figures": figures})
        assert parent_of(folder).folder == start
        moved = start.rename(tmp_path / "moved")
        assert parent_of(folder, moved).folder == moved
        # What the first adapter stood on, as it was published as well: no manifest beside it.
        published = shutil.copytree(tiny, tmp_path / "published")
        (published / "manifest.json").unlink()
        for other in (tiny, published):
            with pytest.raises(BadInput, match="was made on another model") as raised:
                parent_of(folder, other)
            assert "merged for it" in raised.value.hint
        shutil.copytree(tiny, start)
        with pytest.raises(BadInput, match="was made on another model"):
            parent_of(folder)

    def test_cut_short_are_told(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, tmp_path)
        weights = tmp_path / "adapter_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        with pytest.raises(BadInput, match=r"adapter_model\.safetensors cannot be read"):
            load_adapted(tmp_path)

    def test_taught_with_another_tokenizer_are_told(self, tiny: Path, tmp_path: Path) -> None:
        parent = checkpoint_in(tiny)
        save_adapter(with_lora(load_model(parent), Lora(4, 2)), parent, tmp_path / "adapter")
        (tmp_path / "adapter" / "tokenizer.json").write_text("{}")
        with pytest.raises(BadInput, match="another tokenizer"):
            parent_of(tmp_path / "adapter")


class TestTokens:
    def test_of_a_list_read_as_its_lines(self, tiny: Path) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        tokens = list_tokens(tokenizer, ("Red Lamp", "Café <|im_start|>"))
        assert tokens[-1] == tokenizer.end
        assert tokenizer.decode(tokens[:-1]) == "1. Red Lamp\n2. Café <|im_start|>\n"
        assert not set(tokens[:-1]) & set(tokenizer.specials.values())

    def test_of_a_text_end_with_the_end(self, tiny: Path) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        tokens = text_tokens(tokenizer, "It is red.")
        assert tokenizer.decode(tokens[:-1]) == "It is red."
        assert tokens[-1] == tokenizer.end

    def test_of_a_prompt_open_the_answer(self, tiny: Path) -> None:
        tokenizer = checkpoint_in(tiny).tokenizer
        text = tokenizer.decode(prompt_tokens(tokenizer, recommend_prompt(["Lamp"], Intent(), 2)))
        assert "Lamp" in text
        assert text.endswith("<|im_start|>assistant\n")
