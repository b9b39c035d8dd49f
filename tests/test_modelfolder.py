from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from service.errors import BadSettings, DamagedArtifact
from service.modelfolder import convert, ensure_folder, read_manifest, write_manifest


def small(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"weights")
    write_manifest(folder, {"name": "small"})


def test_it_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        small(folder)

    first = ensure_folder(tmp_path / "cache" / "m-1", make)
    assert ensure_folder(tmp_path / "cache" / "m-1", make) == first
    assert len(made) == 1
    assert read_manifest(first)["name"] == "small"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["m-1"]


def test_two_at_once_share_one_whole_folder(tmp_path: Path) -> None:
    both = Barrier(2)

    def make(folder: Path) -> None:
        small(folder)
        both.wait(timeout=20)

    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda _: ensure_folder(tmp_path / "m-1", make), range(2)))
    assert folders[0] == folders[1]
    read_manifest(folders[0])
    assert list(tmp_path.iterdir()) == [folders[0]]


def test_a_failed_conversion_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"half")
        message = "no"
        raise BadSettings(message)

    with pytest.raises(BadSettings):
        ensure_folder(tmp_path / "m-1", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_subprocess_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"service\.nothing failed: .*No module") as failed:
        convert("service.nothing", tmp_path, "install it")
    assert failed.value.hint == "install it"


def test_what_a_killed_conversion_left_is_swept_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".m-1.0123"
    left.mkdir()
    (left / "half").touch()
    os.utime(left, (0, 0))
    ensure_folder(tmp_path / "m-1", small)
    assert [path.name for path in tmp_path.iterdir()] == ["m-1"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": 3}', '{"files": {"nix": "0"}}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DamagedArtifact):
        read_manifest(tmp_path)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_fact_that_is_no_json_is_not_written(tmp_path: Path, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_manifest(tmp_path, {"figures": {"loss": number}})
    assert list(tmp_path.iterdir()) == []


def test_an_altered_file_is_named(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"Weights")
    with pytest.raises(DamagedArtifact, match=r"altered: model\.onnx") as raised:
        read_manifest(tmp_path)
    assert "Delete the folder" in raised.value.hint
    with pytest.raises(DamagedArtifact, match=f"^{tmp_path} cannot be used") as raised:
        read_manifest(tmp_path, "It is yours.")
    assert raised.value.hint == "It is yours."
