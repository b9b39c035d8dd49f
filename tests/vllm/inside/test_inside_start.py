"""What must be so before a server may start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from bindery import bind
from transformers.utils import hub
from vessel import END, TOKENIZER_TEXT, VOCABULARY, Library, config_of

from service.engines.vllm_plugin import ListwrightProcessor
from service.errors import BadSettings, DamagedArtifact, UnknownVersion
from service.steering.lexicon import Frame

OURS = hashlib.sha256(TOKENIZER_TEXT).hexdigest()


def start(config: Any) -> ListwrightProcessor:
    return ListwrightProcessor(config, torch.device("cpu"), False)


def bound(folder: Path, *, end: int = END, tokenizer: str = OURS) -> Path:
    frame = Frame(((20,), (21,)), end)
    version = bind(folder, [(5, 6, 0), (7, 0)], [(), ()], frame, tokenizer=("Other-7B", tokenizer))
    return folder / version


def test_a_catalogue_of_another_tokenizer_is_refused_with_both_names(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(tmp_path, tokenizer="ab" * 32)
    monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(tmp_path))
    with pytest.raises(DamagedArtifact) as caught:
        start(config_of(library))
    assert "Other-7B" in str(caught.value)
    assert str(library.model) in str(caught.value)


def flip_a_token(version: Path) -> None:
    path = version / "lexicon" / "tokens.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda version: (version.parent / "CURRENT").unlink(), DamagedArtifact),
        (lambda version: (version.parent / "CURRENT").write_text("../x"), DamagedArtifact),
        (lambda version: version.rename(version.parent / "elsewhere"), UnknownVersion),
        (lambda version: (version / "manifest.json").unlink(), DamagedArtifact),
        (lambda version: (version / "frame.json").unlink(), DamagedArtifact),
        (flip_a_token, DamagedArtifact),
    ],
    ids=["no CURRENT", "bad CURRENT", "no version", "no manifest", "no frame", "a flipped bit"],
)
def test_a_missing_or_damaged_catalogue_stops_the_start(
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
    error: type[Exception],
) -> None:
    damage(bound(tmp_path))
    monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(tmp_path))
    with pytest.raises(error):
        start(config_of(library))


def test_a_token_outside_the_vocabulary_stops_the_start(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(tmp_path, end=VOCABULARY)
    monkeypatch.setenv("LISTWRIGHT_PLUGIN__CATALOGUES", str(tmp_path))
    with pytest.raises(DamagedArtifact, match=f"token {VOCABULARY}.*{VOCABULARY} tokens"):
        start(config_of(library))


def test_a_tokenizer_that_cannot_be_compared_stops_the_start(
    library: Library, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings, match=r"tokenizer\.json"):
        start(config_of(library, tokenizer=tmp_path))


def test_a_tokenizer_by_the_name_it_has_on_a_hub(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cached_file(name: str, file: str, **_: object) -> str:
        assert (name, file) == ("somebody/some-model", "tokenizer.json")
        return str(library.model / file)

    monkeypatch.setattr(hub, "cached_file", cached_file)
    assert start(config_of(library, tokenizer="somebody/some-model"))._v1


def test_a_name_that_is_nowhere_stops_the_start(library: Library) -> None:
    with pytest.raises(BadSettings, match="nobody/nothing"):
        start(config_of(library, tokenizer="nobody/nothing"))


def test_without_catalogues_nothing_is_asked_of_the_model(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTWRIGHT_PLUGIN__CATALOGUES")
    assert start(config_of(library, tokenizer=tmp_path))._v1
