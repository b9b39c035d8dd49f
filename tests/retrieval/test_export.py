from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from service.errors import BadSettings
from service.retrieval.export import _export_in_subprocess, ensure_encoder
from service.retrieval.manifest import read_manifest


def test_makes_it_once_and_says_so_in_one_line(encoder_folder: Path, tmp_path: Path) -> None:
    said: list[str] = []

    def copy(folder: Path) -> None:
        shutil.copytree(encoder_folder, folder, dirs_exist_ok=True)

    first = ensure_encoder(tmp_path / "cache", export=copy, tell=said.append)
    second = ensure_encoder(tmp_path / "cache", export=copy, tell=said.append)
    assert first == second
    assert read_manifest(first).dimension == 384
    assert len(said) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.name]


def test_two_at_once_share_one_whole_folder(encoder_folder: Path, tmp_path: Path) -> None:
    both_exporting = Barrier(2)

    def copy(folder: Path) -> None:
        shutil.copytree(encoder_folder, folder, dirs_exist_ok=True)
        both_exporting.wait(timeout=20)

    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda _: ensure_encoder(tmp_path, copy, [].append), range(2)))
    assert folders[0] == folders[1]
    read_manifest(folders[0])
    assert list(tmp_path.iterdir()) == [folders[0]]


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"half")
        raise BadSettings("no")

    with pytest.raises(BadSettings):
        ensure_encoder(tmp_path, fail, [].append)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_subprocess_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match=r"Exporting all-MiniLM-L6-v2 failed: \w+Error"):
        _export_in_subprocess(tmp_path / "file" / "folder")


def test_the_encoder_needs_no_torch() -> None:
    code = (
        "import sys, service.retrieval.encoder, service.retrieval.export,"
        " service.retrieval.similarity;"
        "sys.exit(bool({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=root, check=False).returncode == 0  # noqa: S603 - ours
