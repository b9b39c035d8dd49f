"""Folders with models of one's own: what can be wrong with them is said before they are opened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from service.engines import made_changed
from service.engines.local import convert_made
from service.engines.local.convert_made import ensure_made
from service.engines.made_model import MadeModel, made_model
from service.engines.made_shapes import refuse_misfit
from service.errors import BadSettings
from service.modelfolder import write_manifest

QUERY = "model.layers.0.self_attn.q_proj"
VALUE = "model.layers.0.self_attn.v_proj"


def whole(folder: Path, width: int = 8, **config: Any) -> Path:
    """A checkpoint of two matrices, which nobody could decode with."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"} | config), "utf-8")
    (folder / "tokenizer.json").write_text("{}", "utf-8")
    shapes = {QUERY: (width, 8), VALUE: (4, 8)}
    matrices = {f"{name}.weight": np.zeros(s, np.float32) for name, s in shapes.items()}
    save_file(matrices, folder / "model.safetensors")
    return folder


def adapter(folder: Path, parent: Path, matrix: str = QUERY, **config: Any) -> Path:
    folder.mkdir(parents=True)
    said = {"peft_type": "LORA", "r": 2, "base_model_name_or_path": str(parent)}
    (folder / "adapter_config.json").write_text(json.dumps(said | config), "utf-8")
    name = f"base_model.model.{matrix}"
    matrices = {
        f"{name}.lora_A.weight": np.zeros((2, 8), np.float32),
        f"{name}.lora_B.weight": np.zeros((8, 2), np.float32),
    }
    save_file(matrices, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return whole(tmp_path / "parent")


@pytest.fixture
def tuned(tmp_path: Path, parent: Path) -> Path:
    return adapter(tmp_path / "tuned", parent)


def test_both_kinds_are_told_apart(tuned: Path, parent: Path) -> None:
    assert made_model("tuned", tuned).parent == parent
    assert made_model("base", parent).parent is None


def test_its_name_tells_what_is_in_it(tuned: Path, parent: Path, tmp_path: Path) -> None:
    name = made_model("tuned", tuned).name
    assert name.startswith("tuned@")
    assert made_model("tuned", tuned).name == name
    assert made_model("other", tuned).name.removeprefix("other") == name.removeprefix("tuned")
    assert made_model("tuned", adapter(tmp_path / "a", parent, VALUE)).name != name
    assert made_model("tuned", adapter(tmp_path / "b", parent, lora_alpha=32)).name != name


def test_a_manifest_is_held_to(tuned: Path) -> None:
    write_manifest(tuned, {"name": "tuned"})
    before = made_model("tuned", tuned)
    weights = tuned / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    with pytest.raises(BadSettings, match=r"tuned .*altered since: adapter_model.safetensors"):
        made_model("tuned", tuned)
    (tuned / "manifest.json").unlink()
    assert made_model("tuned", tuned).digest != before.digest


@pytest.mark.parametrize("manifest", ["{}", '{"files": []}', '{"files": {"gone": "0"}}', "[]", "{"])
def test_a_manifest_that_is_none(tuned: Path, manifest: str) -> None:
    (tuned / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(BadSettings, match=r"LISTWRIGHT_ENGINE__MODELS: tuned .*manifest.json"):
        made_model("tuned", tuned)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="MODELS: tuned cannot be served, there is no folder"):
        made_model("tuned", tmp_path / "gone")


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"neither config.json nor adapter_config.json"):
        made_model("tuned", tmp_path)


@pytest.mark.parametrize("name", ["adapter_model", "model"])
def test_pickled_weights_are_refused(tuned: Path, parent: Path, name: str) -> None:
    folder = tuned if name == "adapter_model" else parent
    (folder / f"{name}.safetensors").rename(folder / f"{name}.bin")
    with pytest.raises(BadSettings, match="no weights in safetensors"):
        made_model("tuned", folder)


def test_weights_are_only_read_by_their_own_names(parent: Path) -> None:
    """Where they are called otherwise, converting would take the pickled file beside them."""
    (parent / "model.safetensors").rename(parent / "consolidated.safetensors")
    (parent / "pytorch_model.bin").write_bytes(b"pickled")
    with pytest.raises(
        BadSettings, match=r"no model\.safetensors and no model\.safetensors\.index"
    ):
        made_model("base", parent)


class TestWeightsInParts:
    @pytest.fixture
    def parts(self, parent: Path) -> Path:
        (parent / "model.safetensors").rename(parent / "model-1.safetensors")
        self.index(parent, {f"{QUERY}.weight": "model-1.safetensors"})
        return parent

    def index(self, folder: Path, parts: object) -> None:
        text = json.dumps({"weight_map": parts})
        (folder / "model.safetensors.index.json").write_text(text, "utf-8")

    def test_are_known_by_their_index_too(self, parts: Path) -> None:
        name = made_model("base", parts).name
        self.index(parts, {f"{VALUE}.weight": "model-1.safetensors"})
        assert made_model("base", parts).name != name

    @pytest.mark.parametrize(
        ("named", "words"),
        [
            ({"a": "pytorch_model.bin"}, "names pytorch_model.bin, which is no safetensors file"),
            ({"a": "../model-1.safetensors"}, "which is no safetensors file there"),
            ({"a": "model-2.safetensors"}, "lacks model-2.safetensors"),
            ({}, "says of no file"),
            ([], "says of no file"),
        ],
    )
    def test_are_none_that_nobody_checked(self, parts: Path, named: object, words: str) -> None:
        self.index(parts, named)
        with pytest.raises(BadSettings, match=words):
            made_model("base", parts)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"peft_type": "IA3"}, "no LoRA"),
        ({"base_model_name_or_path": None}, "what it stands on"),
        ({"base_model_name_or_path": ""}, "what it stands on"),
    ],
)
def test_an_adapter_that_does_not_say_enough(
    tmp_path: Path, parent: Path, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSettings, match=words):
        made_model("tuned", adapter(tmp_path / "odd", parent, **config))


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_an_adapter_config_that_is_none(tuned: Path, text: str) -> None:
    (tuned / "adapter_config.json").write_text(text, "utf-8")
    with pytest.raises(BadSettings, match=r"tuned .*adapter_config.json"):
        made_model("tuned", tuned)


def test_shapes_tell_what_it_was_made_for(tuned: Path, parent: Path, tmp_path: Path) -> None:
    made = made_model("tuned", tuned)
    refuse_misfit(made, parent)
    with pytest.raises(BadSettings, match=r"q_proj has the shape \[16, 8\] there, not \[8, 8\]"):
        refuse_misfit(made, whole(tmp_path / "wider", width=16))
    refuse_misfit(made, whole(tmp_path / "packed", width=16, quantization_config={"bits": 4}))
    deep = made_model("tuned", adapter(tmp_path / "deep", parent, QUERY.replace("0", "7")))
    with pytest.raises(BadSettings, match=r"that has no model.layers.7"):
        refuse_misfit(deep, parent)


def test_weights_that_cannot_be_read(tuned: Path, parent: Path) -> None:
    (tuned / "adapter_model.safetensors").write_bytes(b"\x08" + bytes(7) + b"no json!")
    with pytest.raises(BadSettings, match=r"adapter_model.safetensors is damaged"):
        refuse_misfit(made_model("tuned", tuned), parent)


class TestWhetherItChanged:
    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """How often the files of a folder were read."""
        reads: list[str] = []

        def counted(label: str, folder: Path) -> MadeModel:
            reads.append(label)
            return made_model(label, folder)

        monkeypatch.setattr(made_changed, "made_model", counted)
        return reads

    def test_is_read_once_for_as_long_as_nothing_is_touched(
        self, tuned: Path, read: list[str]
    ) -> None:
        changed = made_changed.Changed(made_model("tuned", tuned))
        assert [changed() for _ in range(3)] == [False] * 3
        assert len(read) == 1

    def test_is_seen_at_once(self, tuned: Path, read: list[str]) -> None:
        changed = made_changed.Changed(made_model("tuned", tuned))
        assert not changed()
        weights = tuned / "adapter_model.safetensors"
        before, old = weights.stat(), weights.read_bytes()
        weights.write_bytes(old[:-1] + b"\1")
        os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert [changed(), changed()] == [True, True]
        assert len(read) == 2
        weights.write_bytes(old)
        assert not changed()

    def test_is_so_where_it_is_gone(self, tuned: Path) -> None:
        changed = made_changed.Changed(made_model("tuned", tuned))
        tuned.rename(tuned.with_name("elsewhere"))
        assert changed()


class TestWhileItIsConverted:
    """The converter takes half a minute, in which a folder may be copied anew."""

    @pytest.mark.parametrize("exchanged", ["tuned", "parent"])
    def test_exchanged_files_are_not_kept(
        self,
        tmp_path: Path,
        tuned: Path,
        parent: Path,
        exchanged: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def exchange(_module: str, folder: Path, *_more: str) -> None:
            write_manifest(folder, {"name": "tuned"})
            (file,) = (tmp_path / exchanged).glob("*.safetensors")
            file.write_bytes(file.read_bytes()[:-1] + b"\1")

        monkeypatch.setattr(convert_made, "convert", exchange)
        made = made_model("tuned", tuned)
        with pytest.raises(BadSettings, match=rf"{exchanged} were exchanged while"):
            ensure_made(tmp_path / "cache", made, lambda _line: None)
        assert not list((tmp_path / "cache").iterdir())
        assert parent.is_dir()


class TestBeforeItIsConverted:
    def refused(self, folder: Path, tmp_path: Path, words: str) -> None:
        with pytest.raises(BadSettings, match=words):
            ensure_made(tmp_path / "cache", made_model("tuned", folder), lambda _line: None)
        assert not (tmp_path / "cache").exists()

    def test_its_model_must_be_there(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "tuned", tmp_path / "gone")
        self.refused(folder, tmp_path, "the model that it stands on is not at")

    def test_its_model_must_be_whole(self, tmp_path: Path, tuned: Path) -> None:
        folder = adapter(tmp_path / "second", tuned)
        self.refused(folder, tmp_path, "which is an adapter itself")

    def test_it_must_not_stand_on_itself(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "circle", tmp_path / "circle")
        self.refused(folder, tmp_path, "which is an adapter itself")

    def test_it_must_have_been_trained_on_those_tokens(self, tmp_path: Path, tuned: Path) -> None:
        (tuned / "tokenizer.json").write_text("{ }", "utf-8")
        self.refused(tuned, tmp_path, "trained with another tokenizer")

    def test_it_must_fit(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "tuned", whole(tmp_path / "wider", width=16))
        self.refused(folder, tmp_path, "made for another model")
