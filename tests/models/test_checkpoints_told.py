"""Folders that are no checkpoint, or one that a step cannot take: said before any work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from models_tiny import tiny_checkpoint
from typer.testing import CliRunner

from models.llm.checkpoint import INCOMPLETE, checkpoint_in
from models.merge.__main__ import app
from service.errors import BadInput, BadSettings


@pytest.fixture
def damaged(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be damaged."""
    return Path(shutil.copytree(tiny, tmp_path / "model"))


def loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


class TestFiles:
    @pytest.mark.parametrize("text", ["{,", "[" * 100_000, "\x00", "[]"])
    def test_of_a_configuration_that_is_none(self, damaged: Path, text: str) -> None:
        (damaged / "config.json").write_text(text)
        with pytest.raises(BadInput, match=r"config\.json is no(t JSON| JSON object)") as caught:
            checkpoint_in(damaged)
        assert caught.value.hint == INCOMPLETE

    def test_that_lead_to_themselves(self, damaged: Path) -> None:
        loop(damaged / "config.json")
        with pytest.raises(BadInput, match=r"config\.json cannot be read") as caught:
            checkpoint_in(damaged)
        assert caught.value.hint == INCOMPLETE

    @pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
    @pytest.mark.parametrize(
        "damage", [Path.unlink, loop, lambda file: file.write_text("{,")], ids=["gone", "loop", "x"]
    )
    def test_of_a_tokenizer_that_is_none(
        self, damaged: Path, name: str, damage: Callable[[Path], object]
    ) -> None:
        damage(damaged / name)
        with pytest.raises(BadSettings) as caught:
            checkpoint_in(damaged)
        assert "as they were published" in caught.value.hint
        assert "LISTWRIGHT" not in caught.value.hint

    def test_a_tokenizer_that_is_described_by_a_list(self, damaged: Path) -> None:
        (damaged / "tokenizer_config.json").write_text("[3]")
        with pytest.raises(BadSettings, match="cannot be used"):
            checkpoint_in(damaged)


def test_an_adapter_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(BadInput, match="is an adapter") as caught:
        checkpoint_in(tmp_path)
    assert "python -m models.merge adapter" in caught.value.hint


@pytest.mark.parametrize("own", [True, False])
def test_what_needs_code_of_its_own_is_not_blended(
    own: bool, tiny: Path, damaged: Path, tmp_path: Path
) -> None:
    file = damaged / "config.json"
    code = {"auto_map": {"AutoConfig": "evil.C"}} if own else {}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model_type": "evil"} | code))
    (damaged / "evil.py").write_text("raise SystemExit('it was run')")
    out = tmp_path / "out"
    command = ["slerp", "--one", tiny, "--other", damaged, "--out", out]
    told = CliRunner().invoke(app, [*map(str, command)])
    said = " ".join(told.output.split())
    assert told.exit_code == 1
    assert "is a model of type 'evil', which transformers does not know" in said
    assert ("is never run" in said) == own
    assert "trust_remote_code" not in said
    assert not out.exists()


def test_code_beside_a_model_that_transformers_knows_is_passed_over(
    tiny: Path, cache_dir: Path, tmp_path: Path
) -> None:
    other = tiny_checkpoint(tmp_path / "other", cache_dir, seed=1)
    (other / "manifest.json").unlink(missing_ok=True)
    file = other / "config.json"
    code = {"auto_map": {"AutoConfig": "evil.C"}}
    file.write_text(json.dumps(json.loads(file.read_text()) | code))
    (other / "evil.py").write_text("raise SystemExit('it was run')")
    command = ["slerp", "--one", tiny, "--other", other, "--out", tmp_path / "out"]
    told = CliRunner().invoke(app, [*map(str, command)])
    assert told.exit_code == 0, told.output
    assert (tmp_path / "out" / "model.safetensors").is_file()
